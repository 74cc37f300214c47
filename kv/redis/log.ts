/** Where the front reports what an operator should know of; a pino logger fits. */
export interface FrontLog {
  info(about: object, message: string): void;
  warn(about: object, message: string): void;
}
