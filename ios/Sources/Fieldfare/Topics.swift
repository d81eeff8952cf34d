// What the generated door lacks to read like Swift: topics as a stream.

extension Fieldfare {
    /// Pages that have gone stale, from now on. Ends when the home is closed; letting go of the stream ends the watch.
    public func topics() throws -> AsyncStream<[Topic]> {
        let watch = try watch()
        return AsyncStream { stream in
            let watching = Task {
                while let stale = await watch.next() { stream.yield(stale) }
                stream.finish()
            }
            stream.onTermination = { _ in
                watch.end()
                watching.cancel()
            }
        }
    }
}
