// Measures from Swift what bindings/examples/measure.rs measures in Rust.
import Foundation

private let rows = 100
private let pagesBefore = 5_000
private let pages = 100
private let times = 21
private let commandsBefore = 12_000
private let commands = 10_000

private func residentKib() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
    return Int(line.filter(\.isNumber)) ?? 0
}

/// Time of a processor that this thread has had: what else the machine does is not in it.
private func processorNs() throws -> Int {
    let had = try String(contentsOfFile: "/proc/thread-self/schedstat", encoding: .utf8)
    return Int(had.split(separator: " ").first ?? "") ?? 0
}

func measure(folder: String, endpoint: String) async throws {
    let pin = Data("837261".utf8)
    let office = Fieldfare(folder: folder + "/office", hardwareKey: Key())
    try await office.found(
        pin: pin, organisation: "Example Mentoring", endpoint: endpoint, recoveryFile: folder + "/recovery.txt", recoveryPages: 1)
    let home = Fieldfare(folder: folder + "/home", hardwareKey: Key())
    try await home.join(pin: pin, invitation: office.invite(name: "Mentor", role: .mentor))
    let id = try home.run(command: .openCase(name: "K", cohort: .prevent)).made!
    for number in 0..<rows {
        let body = "Note \(number). " + String(repeating: "We talked about school. ", count: 10)
        _ = try home.run(command: .beginNote(case: id, body: body))
    }
    func draw(_ times: Int) throws -> Int {
        let begun = try processorNs()
        for _ in 0..<times {
            try same(0, try home.timeline(caseId: id, limit: UInt32(rows)).moments.count, rows)
        }
        return (try processorNs() - begun) / times
    }
    func small(_ commands: Int) throws -> Int {
        for number in 0..<commands {
            _ = try home.run(command: .setRisk(case: id, level: number % 2 == 0 ? .low : .high))
        }
        return try residentKib()
    }
    _ = try draw(pagesBefore)
    let pageUs = try (0..<times).map { _ in try draw(pages) }.sorted()[times / 2] / 1000
    let resident = [try small(commandsBefore), try small(commands)]
    print("swift: a page of \(rows) rows in \(pageUs) us, resident KiB \(resident) before and after \(commands) commands")
}
