// The phones of the story in Swift, what they lend, and what the story's steps are compared with.
import Foundation

/// Something that a test changes while the door's threads read it.
final class Changing<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var held: Value

    init(_ value: Value) { held = value }

    var value: Value {
        get { lock.withLock { held } }
        set { lock.withLock { held = newValue } }
    }
}

struct Thrown: Error {}

/// A hardware key that lives in memory. Debian's Swift has no HMAC, and the door asks for none: 32 bytes that depend on the key.
final class Key: HardwareKey, Sendable {
    private let secret = Changing<UInt64?>(nil)
    private let failed = Changing<UInt32>(0)
    private let lastKept = Changing(Data())
    let does = Changing<@Sendable () throws -> Void>({})
    let answersBytes = Changing(32)

    private func asked() throws -> UInt64 {
        try does.value()
        guard let secret = secret.value else { throw HardwareKeyProblem.NotFound }
        return secret
    }

    func mac(label: String, message: Data) throws -> Data {
        var state = try asked()
        for byte in Array(label.utf8) + [0] + Array(message) {
            state = (state ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return Data((0..<answersBytes.value).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        })
    }

    func create() throws { secret.value = secret.value ?? UInt64.random(in: .min ... .max) }

    func delete() throws {
        secret.value = nil
        failed.value = 0
        lastKept.value = Data()
    }

    func kept() throws -> Data {
        _ = try asked()
        return lastKept.value
    }

    func keep(bytes: Data) throws {
        _ = try asked()
        lastKept.value = bytes
    }

    func failures() throws -> UInt32 {
        _ = try asked()
        return failed.value
    }

    func setFailures(count: UInt32) throws {
        _ = try asked()
        failed.value = count
    }
}

/// The system's clock, until it is told otherwise.
final class PhoneClock: Clock, Sendable {
    let does = Changing<@Sendable () -> Int64>({ Int64(Date().timeIntervalSince1970 * 1000) })

    func nowMs() -> Int64 { does.value() }
}

/// A signal that can be taken away.
final class Signal: Connectivity, Sendable {
    let here = Changing(true)

    func hasSignal() -> Bool { here.value }
}

/// A home with everything that it is lent.
final class Phone: Sendable {
    private let folder: URL
    let key = Key()
    let clock = PhoneClock()
    let signal = Signal()
    private let held: Changing<Fieldfare?> = Changing(nil)

    init(_ folder: URL) {
        self.folder = folder
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        held.value = opened()
    }

    var home: Fieldfare {
        get { held.value! }
        set { held.value = newValue }
    }

    /// The hand-over of the home, found again as after a crash.
    func handed() throws -> Handover { try Handover(folder: folder.path, clock: clock) }

    /// Another object for the same home.
    func opened() -> Fieldfare { Fieldfare(folder: folder.path, hardwareKey: key, clock: clock, connectivity: signal) }
}

/// The phones of the story, by name.
final class Lived: Sendable {
    private let folder: URL
    private let phones = Changing<[String: Phone]>([:])
    let endpoint: String

    init(folder: String, endpoint: String) {
        self.folder = URL(fileURLWithPath: folder)
        self.endpoint = endpoint
    }

    func phone(_ name: String) -> Phone {
        if let phone = phones.value[name] { return phone }
        let phone = Phone(folder.appendingPathComponent(name))
        phones.value[name] = phone
        return phone
    }

    func home(_ name: String) -> Fieldfare { phone(name).home }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
}

struct Failure: Error { let says: String }

/// Fails unless what was found at a step is what was told.
func same<T: Equatable>(_ step: Int, _ found: T?, _ told: T?) throws {
    if found != told { throw Failure(says: "step \(step): \(String(describing: found)) is not \(String(describing: told))") }
}

/// Fails unless something holds.
func holds(_ what: Bool, _ says: String) throws {
    if !what { throw Failure(says: says) }
}

/// Fails unless what stands within is refused with a problem of a name, whose fields are as told.
func refused(_ step: Int = 0, _ name: String, _ fields: [String: String] = [:], _ what: () async throws -> Void) async throws {
    do {
        try await what()
    } catch let problem as Problem {
        let mirror = Mirror(reflecting: problem)
        let found = mirror.children.first?.label ?? String(describing: problem)
        try same(step, found, name)
        try holds(!problem.says().isEmpty && !problem.next().isEmpty, "step \(step): \(name) says nothing")
        for (field, told) in fields {
            let parts = mirror.children.first.map { Mirror(reflecting: $0.value).children.map { $0 } } ?? []
            let value = parts.first { $0.label == field }?.value ?? mirror.children.first?.value
            try same(step, value.map { String(describing: $0) }, told)
        }
        return
    }
    throw Failure(says: "step \(step): not refused with \(name)")
}
