# SPDX-License-Identifier: Apache-2.0
# caravan_embed_file(LIBRARY FILE SYMBOL): the library carries the file's bytes between SYMBOL_begin
# and SYMBOL_end.
enable_language(ASM)

function(caravan_embed_file library file symbol)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.S)
  file(CONFIGURE OUTPUT ${source} CONTENT "
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

# The same with a program that is a target of this folder.
function(caravan_embed library program symbol)
  caravan_embed_file(${library} ${CMAKE_CURRENT_BINARY_DIR}/${program} ${symbol})
  add_dependencies(${library} ${program})
endfunction()
