/** Commands of Redis that there are not here, with what to do instead. */

const instead: readonly (readonly [names: string, hint: string])[] = [
  [
    `lpush rpush lpushx rpushx lpop rpop llen lrange lindex lset lrem ltrim linsert lpos lmove lmpop rpoplpush blpop brpop
     blmove blmpop brpoplpush hset hsetnx hget hmset hmget hgetall hdel hexists hlen hkeys hvals hincrby hincrbyfloat hscan
     hstrlen hrandfield sadd srem smembers sismember smismember scard spop srandmember sinter sunion sdiff smove sscan
     sinterstore sunionstore sdiffstore sintercard zadd zrem zrange zrangebyscore zrevrange zrevrangebyscore zrangebylex
     zscore zmscore zcard zcount zincrby zrank zrevrank zpopmin zpopmax bzpopmin bzpopmax zunionstore zinterstore zscan
     xadd xread xrange xrevrange xlen xdel xtrim xgroup xreadgroup xack xinfo xpending xclaim xautoclaim pfadd pfcount
     pfmerge geoadd geodist geopos geosearch geohash setbit getbit bitcount bitop bitpos bitfield sort lcs json.set json.get`,
    'values here are strings',
  ],
  [
    'eval evalsha eval_ro evalsha_ro script function fcall fcall_ro',
    'there are no scripts here: use MULTI, with WATCH',
  ],
  ['save bgsave bgrewriteaof', 'a write is on the disks of a majority before it is answered'],
  [
    'replicaof slaveof failover psync sync replconf',
    'the nodes elect their leader by themselves: see INFO raft',
  ],
  ['shutdown', 'stop a node with SIGTERM or Ctrl-C'],
  ['monitor', 'commands are not shown to others: see INFO commandstats and SLOWLOG GET'],
  ['debug', 'there is nothing to debug from a client'],
  ['acl', 'there is no authentication yet'],
  ['dump restore migrate move', 'keys cannot be moved between services: use GET and SET'],
  ['swapdb', 'there is one database'],
  ['module', 'there are no modules'],
];

const hints = new Map(
  instead.flatMap(([names, hint]) => names.split(/\s+/).map((name): [string, string] => [name, hint])),
);

/** What to tell who says it; undefined: it is no command that Redis has, or none that is known here. */
export function hintFor(name: string): string | undefined {
  return hints.get(name);
}
