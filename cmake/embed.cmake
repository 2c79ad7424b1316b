# SPDX-License-Identifier: Apache-2.0
# caravan_embed(LIBRARY PROGRAM SYMBOL): the library carries the bytes of the program, which is a
# target of this folder, between SYMBOL_begin and SYMBOL_end.
enable_language(ASM)

function(caravan_embed library program symbol)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.S)
  set(bytes ${CMAKE_CURRENT_BINARY_DIR}/${program})
  file(WRITE ${source} "
.section .rodata
.global ${symbol}_begin
.global ${symbol}_end
${symbol}_begin:
.incbin \"${bytes}\"
${symbol}_end:
.section .note.GNU-stack,\"\",%progbits
")
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS ${bytes})
  target_sources(${library} PRIVATE ${source})
  add_dependencies(${library} ${program})
endfunction()

# The same with a file of the source tree.
function(caravan_embed_file library file symbol)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.S)
  file(WRITE ${source} "
.section .rodata
.global ${symbol}_begin
.global ${symbol}_end
${symbol}_begin:
.incbin \"${file}\"
${symbol}_end:
.section .note.GNU-stack,\"\",%progbits
")
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS ${file})
  target_sources(${library} PRIVATE ${source})
endfunction()
