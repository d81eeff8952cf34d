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
        repeat(PAGES) { home.timeline(case, limit = ROWS.toUInt()) } // until it is compiled
        val begun = processorNs()
        repeat(PAGES) { check(home.timeline(case, limit = ROWS.toUInt()).moments.size == ROWS) }
        val pageUs = (processorNs() - begun) / PAGES / 1000
        val resident = COMMANDS.map { commands ->
            repeat(commands) {
                home.run(Command.SetRisk(case = case, level = if (it % 2 == 0) RiskLevel.LOW else RiskLevel.HIGH))
            }
            residentKib()
        }
        println("kotlin: a page of $ROWS rows in $pageUs us, resident KiB $resident after $COMMANDS commands")
    }

    private companion object {
        const val ROWS = 100
        const val PAGES = 500
        val COMMANDS = listOf(1_000, 10_000)
    }
}
