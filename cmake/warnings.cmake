# One interface target carries the warnings, the sanitizers and the hardening of every target of ours.
add_library(house INTERFACE)
target_include_directories(house INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(house INTERFACE _GNU_SOURCE REGISTRYD_VERSION="${PROJECT_VERSION}")
target_compile_options(house INTERFACE
  -Wall -Wextra -Wshadow -Wundef -Wformat=2 -Wwrite-strings -Wpointer-arith -Wvla
  $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
    -Wno-missing-field-initializers>
  $<$<AND:$<COMPILE_LANGUAGE:C>,$<C_COMPILER_ID:GNU>>:-Wlogical-op -Wduplicated-cond>
  -fno-strict-aliasing -fstack-protector-strong)
target_link_options(house INTERFACE -Wl,--as-needed -Wl,-z,relro,-z,now)
if(REGISTRYD_SANITIZE)
  target_compile_options(house INTERFACE
    -fsanitize=${REGISTRYD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(house INTERFACE -fsanitize=${REGISTRYD_SANITIZE})
endif()
