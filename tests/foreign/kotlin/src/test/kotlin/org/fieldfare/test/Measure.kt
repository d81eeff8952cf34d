// Measures from Kotlin what bindings/examples/measure.rs measures in Rust. No test: it is run by its name alone.
package org.fieldfare.test

import kotlinx.coroutines.runBlocking
import org.fieldfare.Fieldfare
import org.fieldfare.contract.Cohort
import org.fieldfare.contract.Command
import org.fieldfare.contract.RiskLevel
import org.fieldfare.contract.StaffRole
import org.junit.jupiter.api.Test
import java.io.File

class Measure {
    private fun residentKib(): Long {
        repeat(3) { System.gc() }
        return File("/proc/self/status").readLines().first { it.startsWith("VmRSS:") }.filter(Char::isDigit).toLong()
    }

    /** Time of a processor that this thread has had: what else the machine does is not in it. */
    private fun processorNs() = File("/proc/thread-self/schedstat").readText().substringBefore(' ').toLong()

    @Test
    fun `a page and small commands`() = runBlocking {
        val folder = File(System.getenv("FOLDER"))
        val pin = "837261".toByteArray()
        val office = Fieldfare(File(folder, "office").path, Key())
        office.found(pin, "Example Mentoring", System.getenv("ENDPOINT"), File(folder, "recovery.txt").path, 1u)
        val home = Fieldfare(File(folder, "home").path, Key())
        home.join(pin, office.invite("Mentor", StaffRole.MENTOR))
        val case = home.run(Command.OpenCase(name = "K", cohort = Cohort.PREVENT)).made!!
        repeat(ROWS) {
            home.run(Command.BeginNote(case = case, body = "Note $it. " + "We talked about school. ".repeat(10)))
        }
        fun draw(times: Int): Long {
            val begun = processorNs()
            repeat(times) { check(home.timeline(case, limit = ROWS.toUInt()).moments.size == ROWS) }
            return (processorNs() - begun) / times
        }
        fun small(commands: Int): Long {
            repeat(commands) {
                home.run(Command.SetRisk(case = case, level = if (it % 2 == 0) RiskLevel.LOW else RiskLevel.HIGH))
            }
            return residentKib()
        }
        draw(PAGES_BEFORE)
        val pageUs = List(TIMES) { draw(PAGES) }.sorted()[TIMES / 2] / 1000
        val resident = listOf(small(COMMANDS_BEFORE), small(COMMANDS))
        println("kotlin: a page of $ROWS rows in $pageUs us, resident KiB $resident before and after $COMMANDS commands")
    }

    private companion object {
        const val ROWS = 100
        const val PAGES_BEFORE = 5_000
        const val PAGES = 100
        const val TIMES = 21
        const val COMMANDS_BEFORE = 12_000
        const val COMMANDS = 10_000
    }
}
