// Lives the story in Kotlin, and then everything that goes wrong at the door. Nothing hangs; times are never compared.
package org.fieldfare.test

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.fieldfare.ExchangeProgress
import org.fieldfare.contract.Command
import org.fieldfare.contract.Exchanged
import org.fieldfare.contract.HandOver
import org.fieldfare.contract.HandoverPlace
import org.fieldfare.contract.HandoverStep
import org.fieldfare.contract.HardwareKeyProblem
import org.fieldfare.contract.Manner
import org.fieldfare.contract.Problem
import org.fieldfare.contract.RiskLevel
import org.fieldfare.contract.StaffRole
import org.fieldfare.contract.Topic
import org.fieldfare.topics
import org.junit.jupiter.api.MethodOrderer
import org.junit.jupiter.api.Order
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.TestMethodOrder
import org.junit.jupiter.api.Timeout
import java.io.File
import kotlin.random.Random

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation::class)
@Timeout(600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DoorTest {
    private val lived = Lived(File(System.getenv("FOLDER")), System.getenv("ENDPOINT"))
    private val pin = "837261".toByteArray()
    private val phone get() = lived.phone("phone")
    private val home get() = phone.home
    private val case get() = home.caseload().cases.first().case

    private fun fails(): Nothing = throw IllegalStateException("a name that must not travel")

    private fun setRisk(level: RiskLevel) = home.run(Command.SetRisk(case = case, level = level))

    @Test
    @Order(0)
    fun `the story`() = runBlocking { liveTheStory(lived) }

    @Test
    fun `an attachment comes back as it was`() {
        val note = home.run(Command.BeginNote(case = case, body = "A drawing.")).made!!
        val content = Random.nextBytes(100_000)
        val drawing = home.attach(note, "drawing.png", "image/png", content).made!!
        check(home.attachment(drawing).contentEquals(content))
        refused<Problem.AttachmentTooLarge> { home.attach(note, "film.mp4", "video/mp4", ByteArray(11 * 1024 * 1024)) }
    }

    @Test
    fun `a second opening is refused and a closed object stays closed`() = runBlocking {
        val second = phone.opened()
        refused<Problem.StoreBusy> { second.unlock(pin) }
        check(home.isUnlocked() && !second.isUnlocked())
        second.close()
        second.close()
        refused<IllegalStateException> { second.today() }
        refused<IllegalStateException> { second.unlock(pin) }
        Unit
    }

    @Test
    fun `topics flow, and a flow that is cancelled ends`() = runBlocking {
        val stale = async(start = CoroutineStart.UNDISPATCHED) { home.topics.first() }
        setRisk(RiskLevel.VERY_HIGH)
        val topics = stale.await()
        check(Topic.Caseload in topics && Topic.Case(case) in topics) { topics }
        val watching = launch(start = CoroutineStart.UNDISPATCHED) { home.topics.collect {} }
        watching.cancelAndJoin()
    }

    @Test
    fun `an exchange that nobody waits for any longer stops and loses nothing`() = runBlocking {
        setRisk(RiskLevel.LOW)
        val exchange = async(start = CoroutineStart.UNDISPATCHED) { home.exchange() }
        exchange.cancel()
        refused<CancellationException> { exchange.await() }
        while (true) {
            try {
                home.exchange()
                break
            } catch (_: Problem.ExchangeRunning) {
                delay(10)
            }
        }
        same(0, home.exchangeStatus().unsent, 0)
    }

    @Test
    fun `a hand-over amid other calls closes the home`() = runBlocking {
        val exchange = async(start = CoroutineStart.UNDISPATCHED) { runCatching { home.exchange() } }
        val handed = home.handOver(HandOver(case = case, scale = "ons4", manner = Manner.ALONE))
        exchange.await()
        check(home.isHandedOver() && !home.isUnlocked())
        refused<Problem.StoreLocked> { home.caseload() }
        phone.clock.does = { fails() }
        refused<Problem.PortFailed> { handed.step(HandoverStep.Next()) }
        refused<Problem.PortFailed> { phone.handed() }
        phone.clock.does = System::currentTimeMillis
        same(0, handed.step(HandoverStep.Finish()).place, HandoverPlace.LAST)
        home.unlock(pin)
        refused<Problem.NotHandedOver> { handed.page() }
        handed.close()
        refused<IllegalStateException> { handed.page() }
        check(home.isUnlocked() && !home.isHandedOver())
    }

    @Test
    fun `several threads work at once`() = runBlocking(Dispatchers.IO) {
        val goal = home.case(case).goals.first().goal
        List(2) {
            async {
                repeat(25) {
                    home.run(Command.RecordProgress(goal = goal, words = "Step $it"))
                    home.caseload()
                }
            }
        }.awaitAll()
        same(0, home.goal(goal).history.count { it.words.startsWith("Step ") }, 50)
    }

    @Test
    fun `ports that throw are problems`() = runBlocking {
        phone.clock.does = { fails() }
        val case = refused<Problem.PortFailed> { home.today() }.port
        same(0, case, "clock")
        refused<Problem.PortFailed> { home.exchange() }
        for (now in listOf(Long.MIN_VALUE, 0, Long.MAX_VALUE)) {
            phone.clock.does = { now }
            try {
                home.today()
            } catch (_: Problem) {
            }
        }
        phone.clock.does = System::currentTimeMillis
        phone.signal.does = { fails() }
        home.exchange()
        phone.signal.does = { false }
        refused<Problem.EndpointUnreachable> { home.exchange() }
        phone.signal.does = { true }
        home.lock()
        for (does in listOf({ fails() }, { throw HardwareKeyProblem.Transient() })) {
            phone.key.does = does
            refused<Problem.HardwareKeyBusy> { home.unlock(pin) }
        }
        phone.key.does = {}
        phone.key.answers = { it.copyOf(5) }
        refused<Problem.HardwareKeyBusy> { home.unlock(pin) }
        phone.key.answers = null
        home.unlock(pin)
    }

    @Test
    fun `ports that call back are refused`() = runBlocking {
        var heard = 0
        val back = {
            refused<Problem.NotAllowed> { home.today() }
            heard += 1
        }
        phone.clock.does = {
            back()
            System.currentTimeMillis()
        }
        home.today()
        phone.clock.does = System::currentTimeMillis
        setRisk(RiskLevel.MEDIUM)
        home.exchange(object : ExchangeProgress {
            override fun soFar(exchanged: Exchanged) {
                back()
            }
        })
        check(heard >= 2)
        setRisk(RiskLevel.LOW)
        val failed = refused<Problem.PortFailed> {
            home.exchange(object : ExchangeProgress {
                override fun soFar(exchanged: Exchanged) = fails()
            })
        }
        same(0, failed.port, "progress")
        same(0, home.exchangeStatus().unsent, 0)
    }

    @Test
    @Order(Int.MAX_VALUE)
    fun `a port that hangs is left behind`() = runBlocking {
        home.lock()
        phone.key.does = { Thread.sleep(Long.MAX_VALUE) }
        refused<Problem.HardwareKeyBusy> { home.unlock(pin) }
        phone.key.does = {}
        home.close()
        phone.home = phone.opened()
        home.unlock(pin)
        check(home.mentor().role == StaffRole.MENTOR)
    }
}
