# SPDX-License-Identifier: Apache-2.0
# caravan_chapter(NAME [PRECOMPILED io] [UNITY 6] SOURCES a.cpp … [TESTS a_test.cpp …] USES base … [LIBS x …])
#
# A chapter is a folder, a namespace, a static library `caravan_NAME` and a test binary `NAME_test`.
# USES names other chapters and must agree with src/LAYERS; LIBS names outside libraries.
# PRECOMPILED names the header of src/pch that its files begin with: io for chapters with
# coroutines, wire for those of them that know the commands, state for those that decide about the
# cluster's state, server for those that run it; pure without it. What a chapter may include is not
# widened by it: tools/layers.py reads includes.
# UNITY is how many of its files are compiled at a time, for chapters whose files cost more for what
# they include than for what they say. Names in unnamed namespaces have to differ within a chapter
# then. The preset dev compiles each alone, which is quicker after a change of one.

foreach(header IN ITEMS pure io state wire server)
  set(pch caravan_pch_${header})
  add_library(${pch} OBJECT ${CMAKE_CURRENT_SOURCE_DIR}/src/pch/${header}.cpp)
  target_link_libraries(${pch} PUBLIC caravan_flags fmt::fmt Threads::Threads)
  target_include_directories(${pch} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/src)
  target_precompile_headers(${pch} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src/pch/${header}.hpp)
endforeach()

function(caravan_chapter name)
  cmake_parse_arguments(C "" "PRECOMPILED;UNITY" "SOURCES;TESTS;USES;LIBS" ${ARGN})
  set(pch caravan_pch_pure)
  if(C_PRECOMPILED)
    set(pch caravan_pch_${C_PRECOMPILED})
  endif()
  add_library(caravan_${name} STATIC ${C_SOURCES})
  target_include_directories(caravan_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(caravan_${name} PUBLIC caravan_flags fmt::fmt Threads::Threads)
  foreach(used IN LISTS C_USES)
    target_link_libraries(caravan_${name} PUBLIC caravan_${used})
  endforeach()
  target_link_libraries(caravan_${name} PUBLIC ${C_LIBS})
  target_precompile_headers(caravan_${name} REUSE_FROM ${pch})
  if(CARAVAN_UNITY AND C_UNITY)
    set_target_properties(caravan_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${C_UNITY})
  endif()
  if(CARAVAN_TESTS AND C_TESTS)
    add_executable(${name}_test ${C_TESTS})
    target_link_libraries(${name}_test PRIVATE caravan_${name} GTest::gtest_main)
    target_precompile_headers(${name}_test REUSE_FROM ${pch})
    target_compile_definitions(${name}_test PRIVATE CARAVAN_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND ${name}_test)
  endif()
endfunction()
