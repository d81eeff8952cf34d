// Lives the story in Swift, and then everything that goes wrong at the door. Nothing hangs; times are never compared.
import Foundation

let lived = Lived(
    folder: ProcessInfo.processInfo.environment["FOLDER"]!, endpoint: ProcessInfo.processInfo.environment["ENDPOINT"]!)
let pin = Data("837261".utf8)

/// Hears of an exchange, and does something about it.
final class Listener: ExchangeProgress, Sendable {
    private let does: @Sendable (Exchanged) -> Void

    init(_ does: @escaping @Sendable (Exchanged) -> Void) { self.does = does }

    func soFar(exchanged: Exchanged) { does(exchanged) }
}

/// A caseload as a shell would hold it: on the main actor, drawn again when it goes stale.
@MainActor
final class Screen {
    private(set) var cases: [CaseRow] = []

    func follow(_ home: Fieldfare, until enough: @escaping @Sendable ([CaseRow]) -> Bool) async throws {
        for await _ in try home.topics() {
            cases = try await Task.detached { try home.caseload().cases }.value
            if enough(cases) { return }
        }
    }
}

func setRisk(_ home: Fieldfare, _ level: RiskLevel) throws {
    _ = try home.run(command: .setRisk(case: home.caseload().cases[0].case, level: level))
}

func theStory() async throws { try await liveTheStory(lived) }

func anAttachmentComesBackAsItWas() async throws {
    let home = lived.home("phone")
    let note = try home.run(command: .beginNote(case: home.caseload().cases[0].case, body: "A drawing.")).made!
    let content = Data((0..<100_000).map { _ in UInt8.random(in: .min ... .max) })
    let drawing = try home.attach(note: note, name: "drawing.png", mediaType: "image/png", content: content).made!
    try same(0, try home.attachment(attachment: drawing), content)
    try await refused(0, "AttachmentTooLarge") {
        _ = try home.attach(note: note, name: "film.mp4", mediaType: "video/mp4", content: Data(count: 11 * 1024 * 1024))
    }
}

func aSecondOpeningIsRefused() async throws {
    let second = lived.phone("phone").opened()
    try await refused(0, "StoreBusy") { try await second.unlock(pin: pin) }
    second.close()
    second.close()
    try await refused(0, "Closed") { _ = try second.today() }
    try await refused(0, "Closed") { try await second.unlock(pin: pin) }
    try await refused(0, "Closed") { _ = try second.watch() }
    try holds(lived.home("phone").isUnlocked() && !second.isUnlocked(), "the first is locked")
}

func aScreenFollowsItsTopics() async throws {
    let home = lived.home("phone")
    let screen = Screen()
    try setRisk(home, .low)
    let following = Task { try await screen.follow(home) { $0[0].risk == .veryHigh } }
    // Until the screen watches, what changes goes unseen: it is changed until the screen has seen it.
    let changing = Task {
        while !Task.isCancelled {
            try setRisk(home, .medium)
            try setRisk(home, .veryHigh)
            await Task.yield()
        }
    }
    try await following.value
    changing.cancel()
    try await changing.value
    try same(0, await screen.cases[0].risk, .veryHigh)
}

func anExchangeThatIsCancelledLosesNothing() async throws {
    let home = lived.home("phone")
    let exchange = Task { try await home.exchange() }
    exchange.cancel()
    _ = try? await exchange.value
    while true {
        do {
            _ = try await home.exchange()
            break
        } catch Problem.ExchangeRunning {
            await Task.yield()
        }
    }
    try same(0, try home.exchangeStatus().unsent, 0)
}

func aHandOverAmidOtherCallsClosesTheHome() async throws {
    let home = lived.home("phone")
    let id = try home.caseload().cases[0].case
    let exchange = Task { try await home.exchange() }
    let handed = try await home.handOver(start: HandOver(case: id, scale: "ons4", manner: .alone))
    _ = try? await exchange.value
    try holds(home.isHandedOver() && !home.isUnlocked(), "the home is open")
    try await refused(0, "StoreLocked") { _ = try home.caseload() }
    try same(0, try handed.step(step: .finish()).place, .last)
    try await home.unlock(pin: pin)
    try await refused(0, "NotHandedOver") { _ = try handed.page() }
    try holds(home.isUnlocked() && !home.isHandedOver(), "the home is not open")
}

func severalTasksWorkAtOnce() async throws {
    let home = lived.home("phone")
    let goal = try home.case(caseId: home.caseload().cases[0].case).goals[0].goal
    try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<2 {
            group.addTask {
                for number in 0..<25 {
                    _ = try home.run(command: .recordProgress(goal: goal, words: "Step \(number)"))
                    _ = try home.caseload()
                }
            }
        }
        try await group.waitForAll()
    }
    try same(0, try home.goal(goal: goal).history.filter { $0.words.hasPrefix("Step ") }.count, 50)
}

func portsThatThrowOrAnswerNonsenseAreProblems() async throws {
    let phone = lived.phone("phone")
    let home = phone.home
    for now in [Int64.min, 0, .max] {
        phone.clock.does.value = { now }
        _ = try? home.today()
    }
    phone.clock.does.value = { Int64(Date().timeIntervalSince1970 * 1000) }
    phone.signal.here.value = false
    try await refused(0, "EndpointUnreachable") { _ = try await home.exchange() }
    phone.signal.here.value = true
    home.lock()
    for thrown in [Thrown(), HardwareKeyProblem.Transient] as [any Error] {
        phone.key.does.value = { throw thrown }
        try await refused(0, "HardwareKeyBusy") { try await home.unlock(pin: pin) }
    }
    phone.key.does.value = {}
    phone.key.answersBytes.value = 5
    try await refused(0, "HardwareKeyBusy") { try await home.unlock(pin: pin) }
    phone.key.answersBytes.value = 32
    try await home.unlock(pin: pin)
}

func portsThatCallBackAreRefused() async throws {
    let phone = lived.phone("phone")
    let home = phone.home
    let heard = Changing(0)
    let back: @Sendable () -> Void = {
        do { _ = try home.today() } catch Problem.NotAllowed { heard.value += 1 } catch {}
    }
    phone.clock.does.value = {
        back()
        return Int64(Date().timeIntervalSince1970 * 1000)
    }
    _ = try home.today()
    phone.clock.does.value = { Int64(Date().timeIntervalSince1970 * 1000) }
    try setRisk(home, .high)
    _ = try await home.exchange(progress: Listener { _ in back() })
    try holds(heard.value >= 2, "refused \(heard.value) times")
}

func aPortThatHangsIsLeftBehind() async throws {
    let phone = lived.phone("phone")
    phone.home.lock()
    phone.key.does.value = { Thread.sleep(forTimeInterval: .greatestFiniteMagnitude) }
    try await refused(0, "HardwareKeyBusy") { try await phone.home.unlock(pin: pin) }
    phone.key.does.value = {}
    phone.home.close()
    phone.home = phone.opened()
    try await phone.home.unlock(pin: pin)
    try same(0, try phone.home.mentor().role, .mentor)
}

let tests: [(String, () async throws -> Void)] = [
    ("the_story", theStory),
    ("an_attachment_comes_back_as_it_was", anAttachmentComesBackAsItWas),
    ("a_second_opening_is_refused_and_a_closed_object_stays_closed", aSecondOpeningIsRefused),
    ("a_screen_follows_its_topics", aScreenFollowsItsTopics),
    ("an_exchange_that_is_cancelled_loses_nothing", anExchangeThatIsCancelledLosesNothing),
    ("a_hand_over_amid_other_calls_closes_the_home", aHandOverAmidOtherCallsClosesTheHome),
    ("several_tasks_work_at_once", severalTasksWorkAtOnce),
    ("ports_that_throw_or_answer_nonsense_are_problems", portsThatThrowOrAnswerNonsenseAreProblems),
    ("ports_that_call_back_are_refused", portsThatCallBackAreRefused),
    ("a_port_that_hangs_is_left_behind", aPortThatHangsIsLeftBehind),
]
if ProcessInfo.processInfo.environment["FIELDFARE_MEASURE"] == "1" {
    try await measure(folder: ProcessInfo.processInfo.environment["FOLDER"]!, endpoint: lived.endpoint)
    exit(0)
}
var failures = 0
for (name, test) in tests {
    do {
        try await test()
        print("test swift \(name) ... ok")
    } catch {
        failures += 1
        print("test swift \(name) ... FAILED: \(error)")
        if name == "the_story" { break }
    }
}
print("test result: \(failures == 0 ? "ok" : "FAILED"). \(tests.count - failures) passed; \(failures) failed; 0 ignored;")
exit(failures == 0 ? 0 : 1)
