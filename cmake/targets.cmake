# What a folder's CMakeLists.txt may call:
#
#   praxis_library([NAME n] [BOTH_DATABASES] [DEPS ...] [TEST_DEPS ...])
#                                                         one library a folder
#   praxis_program(NAME n [DEPS ...])                     main.cc -> bin/n
#   praxis_schema(COMPONENT c)                            schema/*.sql -> code
#   praxis_test_program(NAME n [BOTH_DATABASES] SOURCES ... [DEPS ...])
#                                                         another test binary
#   praxis_test_script(NAME n SCRIPT s.py [DEPS ...])     a test in Python
#
# A folder's target is its path with "_" for "/", without "services/":
# services/common/sql is praxis_common_sql, gateway/http praxis_gateway_http.

# Flags of our own code. The exceptions, and why each:
# - missing-field-initializers: argument structs are filled by designated
#   initialisers, and GCC 12 warns of every field that keeps its default.
# - maybe-uninitialized, restrict: GCC 12 sees ghosts in std::optional and in
#   std::string's operator+ at -O2 (GCC bugs 80635 and 105329).
# -pthread and _REENTRANT must be the same everywhere for precompiled headers.
# Imported targets are SYSTEM, so headers of others do not warn.
add_library(praxis_flags INTERFACE)
target_compile_options(praxis_flags INTERFACE
  -pthread -Wall -Wextra -Werror -Wnon-virtual-dtor -Woverloaded-virtual
  -Wno-missing-field-initializers -Wno-maybe-uninitialized -Wno-restrict
  -Wno-error=invalid-pch)
target_link_libraries(praxis_flags INTERFACE Threads::Threads)

if(PRAXIS_SANITIZERS)
  set(sanitize -fsanitize=${PRAXIS_SANITIZERS})
  add_compile_options(${sanitize} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(${sanitize})
endif()

# Two precompiled headers, one for libraries and one for tests, with what most
# files include anyway. Measured on GCC 12, -O2: a file with protobuf and Abseil
# headers 2.6 -> 0.7 s, one that adds gMock 3.7 -> 0.9 s; the 56 files of four
# folders of services/common 181 -> 120 s of CPU, of which 11 s go into making
# them. gRPC or Beast in them does not pay: few files have those. A file still
# includes all that it uses: the preset asan and ./dev check go without.
function(praxis_precompile target like)
  if(PRAXIS_PCH)
    target_precompile_headers(${target} REUSE_FROM praxis_pch_${like})
  endif()
endfunction()

if(PRAXIS_PCH)
  file(CONFIGURE OUTPUT empty.cc CONTENT "")
  foreach(pch library test)
    add_library(praxis_pch_${pch} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/empty.cc)
    target_link_libraries(praxis_pch_${pch}
                          PRIVATE praxis_flags protobuf::libprotobuf)
    target_precompile_headers(praxis_pch_${pch} PRIVATE
      <algorithm> <atomic> <chrono> <functional> <map> <memory> <optional>
      <string> <thread> <utility> <vector>
      <absl/container/flat_hash_map.h> <absl/status/statusor.h>
      <absl/strings/str_cat.h> <absl/strings/string_view.h>
      <absl/synchronization/mutex.h> <absl/time/time.h>
      <google/protobuf/message.h>)
  endforeach()
  target_link_libraries(praxis_pch_test PRIVATE GTest::gmock GTest::gtest)
  target_precompile_headers(praxis_pch_test PRIVATE
                            <gmock/gmock.h> <gtest/gtest.h>)
endif()

# Sets `out` to the name of the current folder's target.
function(praxis_folder_target out)
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR
             BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE path)
  string(REGEX REPLACE "^services/" "" path "${path}")
  string(REPLACE "/" "_" path "${path}")
  set(${out} praxis_${path} PARENT_SCOPE)
endfunction()

# Links `target` and remembers the names, for praxis_check_dependencies().
function(praxis_link target scope)
  target_link_libraries(${target} ${scope} ${ARGN})
  foreach(dep IN LISTS ARGN)
    set_property(GLOBAL APPEND PROPERTY praxis_edges "${target}>${dep}")
  endforeach()
endfunction()

# Makes the folder's *.cc (but tests, benches and main.cc) one library, its
# *_test.cc one test binary `<target without praxis_>_test` and its *_bench.cc
# one benchmark binary `..._bench` (built by the target `benches` only). DEPS
# are public: they are what the folder's headers and sources include.
# BOTH_DATABASES is for the test binary.
function(praxis_library)
  cmake_parse_arguments(arg "BOTH_DATABASES" "NAME" "DEPS;TEST_DEPS" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "praxis_library: what is ${arg_UNPARSED_ARGUMENTS}?")
  endif()
  if(NOT arg_NAME)
    praxis_folder_target(arg_NAME)
  endif()
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  set(tests ${sources})
  set(benches ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|_bench|/main)\\.cc$")

  if(sources)
    add_library(${arg_NAME} STATIC ${sources})
    target_link_libraries(${arg_NAME} PRIVATE praxis_flags)
    praxis_precompile(${arg_NAME} library)
    praxis_link(${arg_NAME} PUBLIC ${arg_DEPS})
  else()
    add_library(${arg_NAME} INTERFACE)
    praxis_link(${arg_NAME} INTERFACE ${arg_DEPS})
  endif()

  string(REGEX REPLACE "^praxis_" "" short ${arg_NAME})
  if(tests)
    if(arg_BOTH_DATABASES)
      set(both BOTH_DATABASES)
    endif()
    praxis_test_program(NAME ${short}_test ${both} SOURCES ${tests}
                        DEPS ${arg_NAME} ${arg_TEST_DEPS})
  endif()
  if(benches)
    add_executable(${short}_bench EXCLUDE_FROM_ALL ${benches})
    target_link_libraries(${short}_bench PRIVATE praxis_flags)
    praxis_link(${short}_bench PRIVATE ${arg_NAME} ${arg_TEST_DEPS}
                benchmark::benchmark benchmark::benchmark_main)
    add_dependencies(benches ${short}_bench)
  endif()
endfunction()
add_custom_target(benches)

# The PostgreSQL that tests share: ctest starts it before the first of them and
# throws it away after the last.
set(postgres ${PROJECT_SOURCE_DIR}/tests/tools/postgres)
set(postgres_folder ${CMAKE_BINARY_DIR}/postgres)
add_test(NAME postgres_start COMMAND ${postgres} start ${postgres_folder})
add_test(NAME postgres_stop COMMAND ${postgres} stop ${postgres_folder})
set_tests_properties(postgres_start PROPERTIES FIXTURES_SETUP postgres)
set_tests_properties(postgres_stop PROPERTIES FIXTURES_CLEANUP postgres)

# Makes a GoogleTest binary and one ctest entry of the same name. It runs with
# the source root as working directory. With BOTH_DATABASES, an entry
# NAME_postgres runs it again with OpenTestDatabase() on PostgreSQL; by hand:
#   tests/tools/postgres run build/dev/postgres build/dev/tests/NAME
function(praxis_test_program)
  cmake_parse_arguments(arg "BOTH_DATABASES" "NAME" "SOURCES;DEPS" ${ARGN})
  add_executable(${arg_NAME} ${arg_SOURCES})
  set_target_properties(${arg_NAME} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${arg_NAME} PRIVATE praxis_flags)
  praxis_precompile(${arg_NAME} test)
  praxis_link(${arg_NAME} PRIVATE ${arg_DEPS} GTest::gmock_main GTest::gmock
              GTest::gtest)
  add_test(NAME ${arg_NAME} COMMAND ${arg_NAME}
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${arg_NAME} PROPERTIES TIMEOUT 300)
  if(arg_BOTH_DATABASES)
    add_test(NAME ${arg_NAME}_postgres
             COMMAND ${postgres} run ${postgres_folder} $<TARGET_FILE:${arg_NAME}>
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${arg_NAME}_postgres PROPERTIES
      TIMEOUT 300 FIXTURES_REQUIRED postgres)
  endif()
endfunction()

# Makes one ctest entry of a Python script, and a target of the same name that
# builds what the script runs (DEPS: targets).
function(praxis_test_script)
  cmake_parse_arguments(arg "" "NAME;SCRIPT" "DEPS" ${ARGN})
  add_custom_target(${arg_NAME} DEPENDS ${arg_DEPS})
  add_test(NAME ${arg_NAME}
           COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/${arg_SCRIPT}
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${arg_NAME} PROPERTIES TIMEOUT 300)
endfunction()

# Makes the folder's main.cc the program build/<preset>/bin/NAME. Sanitizers
# bring a malloc of their own.
function(praxis_program)
  cmake_parse_arguments(arg "" "NAME" "DEPS" ${ARGN})
  add_executable(${arg_NAME} main.cc)
  target_link_libraries(${arg_NAME} PRIVATE praxis_flags)
  if(NOT PRAXIS_SANITIZERS)
    target_link_libraries(${arg_NAME} PRIVATE PkgConfig::jemalloc)
  endif()
  praxis_link(${arg_NAME} PRIVATE ${arg_DEPS})
endfunction()

# Turns schema/*.sql beside the calling CMakeLists.txt (or *.sql, if called in
# the folder schema itself) into code, so that a program carries its schema:
# for COMPONENT members in services/members, the library praxis_members_schema
# and the header "services/members/schema/schema.h" with
#
#   namespace praxis::members { praxis::sql::Schema MembersSchema(); }
#
# The migrations are in the order of their file names and are named by them,
# without ".sql".
function(praxis_schema)
  cmake_parse_arguments(arg "" "COMPONENT" "" ${ARGN})
  set(folder ${CMAKE_CURRENT_SOURCE_DIR})
  praxis_folder_target(target)
  if(NOT folder MATCHES "/schema$")
    string(APPEND folder /schema)
    string(APPEND target _schema)
  endif()
  cmake_path(RELATIVE_PATH folder BASE_DIRECTORY ${PROJECT_SOURCE_DIR}
             OUTPUT_VARIABLE path)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.sql)
  set(output ${PROJECT_BINARY_DIR}/generated/${path}/schema)
  set(script ${PROJECT_SOURCE_DIR}/cmake/embed_schema.cmake)
  add_custom_command(
    OUTPUT ${output}.h ${output}.cc
    COMMAND ${CMAKE_COMMAND} -DCOMPONENT=${arg_COMPONENT} -DFOLDER=${folder}
            -DHEADER=${path}/schema.h -DOUTPUT=${output} -P ${script}
    DEPENDS ${files} ${script}
    COMMENT "Embedding ${path}")
  add_library(${target} STATIC ${output}.cc ${output}.h)
  target_link_libraries(${target} PRIVATE praxis_flags)
  praxis_link(${target} PUBLIC praxis_common_sql)
endfunction()

# Names every folder that depends on a folder that is not there. It is no
# error: such a target fails to link, and the others build.
function(praxis_check_dependencies)
  get_property(edges GLOBAL PROPERTY praxis_edges)
  foreach(edge IN LISTS edges)
    string(REPLACE ">" ";" edge "${edge}")
    list(GET edge 0 target)
    list(GET edge 1 dep)
    if(dep MATCHES "^praxis_" AND NOT TARGET ${dep})
      message(WARNING "${target} depends on ${dep}, which does not exist")
    endif()
  endforeach()
endfunction()
