# The manual. registryctl.1 and registryd.8 are files of docs/man; the rest is made from what it describes.
set(manual_dir ${CMAKE_CURRENT_BINARY_DIR}/man)
set(manual_source ${CMAKE_SOURCE_DIR}/docs/man)
file(MAKE_DIRECTORY ${manual_dir})

# install_manual(COMPONENT PAGE): the page may be made by a command of this folder
function(install_manual component page)
  cmake_path(GET page FILENAME name)
  string(REGEX REPLACE "^.*\\." "" section ${name})
  if(REGISTRYD_FOR_DEBIAN)
    set(packed ${manual_dir}/packed/${name}.gz)
    add_custom_command(OUTPUT ${packed} DEPENDS ${page} VERBATIM
      COMMAND ${CMAKE_COMMAND} -E make_directory ${manual_dir}/packed
      COMMAND sh -c "gzip -9nc \"$1\" > \"$2\"" sh ${page} ${packed})
    set(page ${packed})
  endif()
  set_property(GLOBAL APPEND PROPERTY manual_pages ${page})
  install(FILES ${page} COMPONENT ${component} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endfunction()

install_manual(registryd ${manual_source}/registryd.8)
install_manual(registryctl ${manual_source}/registryctl.1)

add_custom_command(OUTPUT ${manual_dir}/registryd.yaml.5 VERBATIM
  DEPENDS registryd ${manual_source}/settings.py ${manual_source}/roff.py
  COMMAND sh -c "PYTHONDONTWRITEBYTECODE=1 \"$1\" \"$2\" \"$3\" > \"$4\"" sh ${Python3_EXECUTABLE} ${manual_source}/settings.py
    $<TARGET_FILE:registryd> ${manual_dir}/registryd.yaml.5)
install_manual(registryd ${manual_dir}/registryd.yaml.5)

# Section 3 is made by the configuration, which needs to know the names of the pages.
set(header ${CMAKE_SOURCE_DIR}/client/include/registryclient.h)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${header} ${manual_source}/library.py ${manual_source}/roff.py)
execute_process(COMMAND ${CMAKE_COMMAND} -E env PYTHONDONTWRITEBYTECODE=1
  ${Python3_EXECUTABLE} ${manual_source}/library.py ${header} ${manual_dir}/3
  COMMAND_ERROR_IS_FATAL ANY)
file(GLOB library_pages ${manual_dir}/3/*.3)
foreach(page ${library_pages})
  install_manual(development ${page})
endforeach()

get_property(manual_pages GLOBAL PROPERTY manual_pages)
add_custom_target(manual ALL DEPENDS ${manual_pages})
