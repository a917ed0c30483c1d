// A TCP proxy in front of the server, for connections that break at a chosen point.

import { connect, createServer } from 'node:net';

export class Proxy {
  #server;
  #target;
  #sockets = new Set();
  #cut = null;
  #lost = null;

  /** Starts a proxy that is closed at the end of the test `t`. */
  static async start(t, server) {
    const proxy = new Proxy(server.port);
    await new Promise((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    t.after(() => proxy.#close());
    return proxy;
  }

  constructor(port) {
    this.#target = port;
    this.#server = createServer((client) => this.#relay(client));
  }

  get endpoint() {
    return `http://127.0.0.1:${this.#server.address().port}/files/`;
  }

  /**
   * Stops the flow once, when `bytes` more (heads included) went to the server. The result resolves
   * then, to a function that cuts the connection on both sides.
   */
  stopAfter(bytes) {
    return new Promise((reached) => {
      this.#cut = { left: bytes, reached };
    });
  }

  /** Once, gives a request whose head matches to the server, but its client only a cut connection. */
  loseAnswerTo(pattern) {
    return new Promise((lost) => {
      this.#lost = { pattern, lost };
    });
  }

  #relay(client) {
    const upstream = connect(this.#target, '127.0.0.1');
    const pair = [client, upstream];
    let swallow = null;
    for (const [socket, other] of [pair, pair.toReversed()]) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('end', () => other.end());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.on('drain', () => other.resume());
    }

    client.on('data', (chunk) => {
      if (this.#lost?.pattern.test(chunk.toString('latin1'))) {
        swallow = this.#lost.lost;
        this.#lost = null;
      }
      const cut = this.#cut;
      if (cut === null || chunk.length < cut.left) {
        if (cut !== null) cut.left -= chunk.length;
        if (!upstream.write(chunk)) client.pause();
        return;
      }
      this.#cut = null;
      client.pause();
      upstream.removeAllListeners('drain');
      upstream.write(chunk.subarray(0, cut.left), () =>
        cut.reached(({ reset = false } = {}) =>
          pair.forEach((socket) => (reset ? socket.resetAndDestroy() : socket.destroy())),
        ),
      );
    });
    upstream.on('data', (chunk) => {
      if (swallow !== null) {
        pair.forEach((socket) => socket.destroy());
        swallow();
        return;
      }
      if (!client.write(chunk)) upstream.pause();
    });
  }

  async #close() {
    this.#sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
