// What the generated door lacks to read like Kotlin: topics as a flow.
package org.fieldfare

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import org.fieldfare.contract.Topic

/**
 * Pages that have gone stale, from the moment the flow is collected. Each collection watches for itself; it ends when the home
 * is closed, and cancelling it ends the watch.
 */
val Fieldfare.topics: Flow<List<Topic>>
    get() = flow {
        watch().use { watch ->
            while (true) emit(watch.next() ?: break)
        }
    }
