// Measures from Swift what bindings/examples/measure.rs measures in Rust.
import Foundation

private let rows = 100
private let pages = 500
private let commands = [1_000, 10_000]

private func residentKib() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
    return Int(line.filter(\.isNumber)) ?? 0
}

func measure(folder: String, endpoint: String) async throws {
    let home = Fieldfare(folder: folder + "/home", hardwareKey: Key())
    try await home.found(
        pin: Data("837261".utf8), organisation: "Example Mentoring", endpoint: endpoint, recoveryFile: folder + "/recovery.txt",
        recoveryPages: 1)
    let id = try home.run(command: .openCase(name: "K", cohort: .prevent)).made!
    for number in 0..<rows {
        let body = "Note \(number). " + String(repeating: "We talked about school. ", count: 10)
        _ = try home.run(command: .beginNote(case: id, body: body))
    }
    var times: [UInt64] = []
    for _ in 0..<pages {
        let begun = DispatchTime.now().uptimeNanoseconds
        let page = try home.timeline(caseId: id, limit: UInt32(rows))
        times.append(DispatchTime.now().uptimeNanoseconds - begun)
        try same(0, page.moments.count, rows)
    }
    var resident: [Int] = []
    for count in commands {
        for number in 0..<count {
            _ = try home.run(command: .setRisk(case: id, level: number % 2 == 0 ? .low : .high))
        }
        resident.append(try residentKib())
    }
    let pageUs = times.sorted()[pages / 2] / 1000
    print("swift: a page of \(rows) rows in \(pageUs) us, resident KiB \(resident) after \(commands) commands")
}
