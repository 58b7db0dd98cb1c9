# Completions of registryctl, which prints them itself.
set(completion_dir ${CMAKE_CURRENT_BINARY_DIR}/completions)

# install_completion(SHELL FOLDER NAME): where the shell looks for a command's completion
function(install_completion shell folder name)
  set(file ${completion_dir}/${shell}/${name})
  file(MAKE_DIRECTORY ${completion_dir}/${shell})
  add_custom_command(OUTPUT ${file} DEPENDS registryctl VERBATIM
    COMMAND sh -c "\"$1\" completion \"$2\" > \"$3\"" sh $<TARGET_FILE:registryctl> ${shell} ${file})
  set_property(GLOBAL APPEND PROPERTY completions ${file})
  install(FILES ${file} COMPONENT registryctl DESTINATION ${CMAKE_INSTALL_DATADIR}/${folder})
endfunction()

install_completion(bash bash-completion/completions registryctl)
install_completion(zsh zsh/vendor-completions _registryctl)
install_completion(fish fish/vendor_completions.d registryctl.fish)

get_property(completions GLOBAL PROPERTY completions)
add_custom_target(completions ALL DEPENDS ${completions})
