// The Android library: generated Kotlin, the native libraries, nothing else.
plugins {
    id("com.android.library") version "9.0.0"
}

android {
    namespace = "org.fieldfare"
    compileSdk = 36
    defaultConfig {
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
    }
    sourceSets["main"].kotlin.srcDirs("src/main/kotlin", "generated")
    kotlin { jvmToolchain(17) }
}

dependencies {
    implementation("net.java.dev.jna:jna:5.19.1@aar")
    api("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.11.0")
}
