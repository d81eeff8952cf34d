// The phones of the story, and what its steps are compared with.
package org.fieldfare.test

import org.fieldfare.Fieldfare
import org.fieldfare.Handover
import org.fieldfare.contract.Clock
import org.fieldfare.contract.Connectivity
import org.fieldfare.contract.HardwareKey
import org.fieldfare.contract.HardwareKeyProblem
import org.fieldfare.contract.Problem
import java.io.File
import java.security.SecureRandom
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec

/** A hardware key that lives in memory and is gone with the process. */
class Key : HardwareKey {
    private var secret: ByteArray? = null
    private var failed = 0u
    private var kept = ByteArray(0)
    var does: () -> Unit = {}
    var answers: ((ByteArray) -> ByteArray)? = null

    private fun asked(): ByteArray {
        does()
        return secret ?: throw HardwareKeyProblem.NotFound()
    }

    override fun mac(label: String, message: ByteArray): ByteArray {
        val mac = Mac.getInstance("HmacSHA256").apply { init(SecretKeySpec(asked(), "HmacSHA256")) }
        mac.update(label.toByteArray() + 0)
        val answer = mac.doFinal(message)
        return answers?.invoke(answer) ?: answer
    }

    override fun create() {
        secret = secret ?: ByteArray(32).also(SecureRandom()::nextBytes)
    }

    override fun delete() {
        secret = null
        failed = 0u
        kept = ByteArray(0)
    }

    override fun failures(): UInt = asked().let { failed }

    override fun setFailures(count: UInt) {
        asked()
        failed = count
    }

    override fun kept(): ByteArray = asked().let { kept }

    override fun keep(bytes: ByteArray) {
        asked()
        kept = bytes
    }
}

/** The system's clock, until it is told otherwise. */
class PhoneClock : Clock {
    var does: () -> Long = System::currentTimeMillis

    override fun nowMs(): Long = does()
}

/** A signal that can be taken away. */
class Signal : Connectivity {
    var does: () -> Boolean = { true }

    override fun hasSignal(): Boolean = does()
}

/** A home with everything that it is lent. */
class Phone(private val folder: File) {
    val key = Key()
    val clock = PhoneClock()
    val signal = Signal()
    var home = opened()

    /** Another object for the same home. */
    fun opened() = Fieldfare(folder.apply { mkdirs() }.path, key, clock, signal)

    /** The hand-over of the home, found again as after a crash. */
    fun handed() = Handover(folder.path, clock)
}

/** The phones of the story, by name. */
class Lived(private val folder: File, val endpoint: String) {
    private val phones = mutableMapOf<String, Phone>()

    fun phone(name: String): Phone = phones.getOrPut(name) { Phone(File(folder, name)) }

    fun home(name: String): Fieldfare = phone(name).home

    fun path(name: String): String = File(folder, name).path
}

/** Fails unless what was found at a step is what was told. */
fun same(step: Int, found: Any?, told: Any?) {
    val alike = if (told is Int) found.toString() == told.toString() else found == told
    check(alike) { "step $step: $found is not $told" }
}

/** Fails unless what stands within is refused with a problem of a kind, which it returns. */
inline fun <reified P : Throwable> refused(step: Int = 0, what: () -> Unit): P {
    try {
        what()
    } catch (problem: Throwable) {
        check(problem is P) { "step $step: refused with $problem" }
        if (problem is Problem) check(problem.says().isNotEmpty() && problem.next().isNotEmpty())
        return problem
    }
    error("step $step: not refused with ${P::class.simpleName}")
}
