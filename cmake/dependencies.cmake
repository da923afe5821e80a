# The outside libraries, all from Debian 12. A folder names what it uses:
#
#   protobuf::libprotobuf            gRPC::grpc++ (never grpc++_reflection: its
#   absl::strings, absl::status ...  descriptors would be registered twice)
#   Boost::headers                   OpenSSL::SSL, OpenSSL::Crypto
#   CURL::libcurl                    spdlog::spdlog
#   prometheus-cpp::core, ::pull     Threads::Threads
#   PkgConfig::hiredis               PkgConfig::jansson
#   PkgConfig::sodium                PkgConfig::sqlite3
#   PkgConfig::libpq                 re2::re2
#   PkgConfig::zstd                  ZLIB::ZLIB
#   PkgConfig::jemalloc              (every program has it)
#   GTest::gtest, GTest::gmock, GTest::gmock_main      (tests have them)
#   benchmark::benchmark, benchmark::benchmark_main    (benches have them)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Protobuf REQUIRED MODULE)
find_package(absl REQUIRED CONFIG)
find_package(gRPC REQUIRED CONFIG)  # finds re2::re2 too
find_package(Boost 1.81 REQUIRED)
find_package(spdlog REQUIRED CONFIG)
find_package(prometheus-cpp REQUIRED CONFIG)
find_package(GTest REQUIRED CONFIG)
find_package(benchmark REQUIRED CONFIG)

find_package(PkgConfig REQUIRED)
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis)
# Its -D_FILE_OFFSET_BITS=64 says nothing new on 64 bits, and whoever compiles
# with it cannot use the precompiled headers.
set_target_properties(PkgConfig::hiredis PROPERTIES
                      INTERFACE_COMPILE_OPTIONS "")
pkg_check_modules(jansson REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)

find_package(Python3 REQUIRED COMPONENTS Interpreter)
