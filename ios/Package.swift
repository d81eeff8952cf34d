// swift-tools-version: 6.0
// The Swift package: generated Swift over the XCFramework that ios/make makes.
import PackageDescription

let package = Package(
    name: "Fieldfare",
    platforms: [.iOS(.v17)],
    products: [.library(name: "Fieldfare", targets: ["Fieldfare"])],
    targets: [
        .binaryTarget(name: "FieldfareFFI", path: "FieldfareFFI.xcframework"),
        .target(name: "Fieldfare", dependencies: ["FieldfareFFI"], path: "Sources/Fieldfare"),
    ]
)
