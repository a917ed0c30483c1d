// @tus/server is a library: this is the least program that serves it, with all that it offers.
import { mkdirSync } from 'node:fs'
import { Server } from '@tus/server'
import { FileStore } from '@tus/file-store'

const [host, port, path, directory, maxSize, expireAfter] = process.argv.slice(2)
mkdirSync(directory, { recursive: true })

const server = new Server({
  path,
  maxSize: Number(maxSize),
  datastore: new FileStore({
    directory,
    expirationPeriodInMilliseconds: Number(expireAfter) * 1000,
  }),
})
server.listen({ host, port: Number(port) })
