/** Where the sprite is; set by the build. */
declare const __ICONS__: string;

declare module "*.css";

/** What JsSIP's types need of Node's. */
declare module "events" {
  export class EventEmitter {
    on(event: string, listener: (...values: never[]) => void): this;
    off(event: string, listener: (...values: never[]) => void): this;
    removeAllListeners(event?: string): this;
  }
}

declare module "debug" {
  export interface Debug {
    enable(namespaces: string): void;
    disable(): string;
  }
}
