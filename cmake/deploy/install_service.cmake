# Runs at the installation of the component registryd; CMakeLists.txt sets bindir, sysconfdir, source and work.
set(prefix ${CMAKE_INSTALL_PREFIX})
if(prefix STREQUAL "/usr")
  set(etc /${sysconfdir}) # by the file system's hierarchy
else()
  set(etc ${prefix}/${sysconfdir})
endif()
set(etc ${etc}/registryd)
set(program ${prefix}/${bindir}/registryd)

# install_as(TEMPLATE FOLDER NAME): the template with its paths filled in
function(install_as template folder name)
  configure_file(${source}/${template}.in ${work}/${name} @ONLY)
  file(INSTALL ${work}/${name} DESTINATION ${folder})
endfunction()

install_as(registryd.service ${prefix}/lib/systemd/system registryd.service)
install_as(registryd.sysusers ${prefix}/lib/sysusers.d registryd.conf)
install_as(registryd.tmpfiles ${prefix}/lib/tmpfiles.d registryd.conf)
file(INSTALL ${source}/registryd.yaml DESTINATION ${etc})
