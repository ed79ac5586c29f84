; The Windows installer. packaging/build.py windows calls:
;   makensis /DVERSION=… /DBUNDLE=… /DICON=… /DOUTPUT=… [/DPYTHON=… /DSIGN=…] cascade.nsi
;
; Silent:    cascade-setup.exe /S [/AllUsers | /CurrentUser] [/D=C:\folder]   (/D last, unquoted)
; Removing:  uninstall.exe /S [/DELETEDATA]   journals and settings stay unless /DELETEDATA is given
; Exit code: 0 done, 1 given up by the person, 2 failed.

Unicode true
ManifestDPIAware true
SetCompressor /SOLID lzma
SetCompressorDictSize 32

!define NAME "Cascade"
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Cascade"
!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_MUI
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_INSTALLMODE_DEFAULT_CURRENTUSER
!define MULTIUSER_INSTALLMODE_INSTDIR "Cascade"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "${KEY}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "InstallLocation"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_KEY "${KEY}"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_VALUENAME "InstallMode"
!define MULTIUSER_USE_PROGRAMFILES64
!include MultiUser.nsh
!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include x64.nsh

Name "${NAME} ${VERSION}"
OutFile "${OUTPUT}"
BrandingText " "
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "${NAME}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileDescription "${NAME} installer"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey LegalCopyright "MIT licence; parts under their own, see LICENCES.txt"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\cascade.exe"
!define MUI_FINISHPAGE_RUN_PARAMETERS "--sandbox"
!define MUI_FINISHPAGE_RUN_TEXT "$(TryIt)"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MULTIUSER_PAGE_INSTALLMODE
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Ukrainian"

LangString TryIt ${LANG_ENGLISH} "Try it in the sandbox"
LangString TryIt ${LANG_UKRAINIAN} "Спробувати в пісочниці"
LangString Running ${LANG_ENGLISH} "Cascade is running. Please close it first, then try again."
LangString Running ${LANG_UKRAINIAN} "Cascade працює. Спершу закрийте її, потім спробуйте знову."
LangString Data ${LANG_ENGLISH} "Delete your message history and settings too?$\n$\nThey cannot be brought back."
LangString Data ${LANG_UKRAINIAN} "Видалити також історію повідомлень і налаштування?$\n$\nПовернути їх буде неможливо."
LangString Wrong64 ${LANG_ENGLISH} "Cascade needs a 64-bit Windows 10 or newer."
LangString Wrong64 ${LANG_UKRAINIAN} "Для Cascade потрібна 64-розрядна Windows 10 або новіша."

!ifdef SIGN
  ; The uninstaller is made during compilation, so it has to be signed then too.
  !uninstfinalize '"${PYTHON}" "${SIGN}" "%1"' = 0
!endif

; A file of a running program cannot be written: then nothing has been touched yet.
!macro StopIfRunning UN
Function ${UN}StopIfRunning
  ${IfNot} ${FileExists} "$INSTDIR\cascade.exe"
    Return
  ${EndIf}
  again:
  ClearErrors
  FileOpen $0 "$INSTDIR\cascade.exe" a
  ${If} ${Errors}
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(Running)" /SD IDCANCEL IDRETRY again
    SetErrorLevel 2
    Abort
  ${EndIf}
  FileClose $0
FunctionEnd
!macroend
!insertmacro StopIfRunning ""
!insertmacro StopIfRunning "un."

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_OK|MB_ICONSTOP "$(Wrong64)" /SD IDOK
    SetErrorLevel 2
    Abort
  ${EndIf}
  SetRegView 64
  !insertmacro MULTIUSER_INIT
FunctionEnd

Function un.onInit
  SetRegView 64
  !insertmacro MULTIUSER_UNINIT
FunctionEnd

Section
  Call StopIfRunning
  ; What an older version had and this one has not must not stay; only our own folder is emptied.
  RMDir /r "$INSTDIR\_internal"
  SetOutPath "$INSTDIR"
  File /r "${BUNDLE}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\Cascade.lnk" "$INSTDIR\cascade.exe" "" "" "" "" "" \
    "Send Viber messages with SMS behind them"

  ; SHCTX is the machine's or the user's part, as was chosen.
  WriteRegStr SHCTX "Software\Classes\cascade" "" "URL:Cascade message"
  WriteRegStr SHCTX "Software\Classes\cascade" "URL Protocol" ""
  WriteRegStr SHCTX "Software\Classes\cascade\DefaultIcon" "" "$INSTDIR\cascade.exe,0"
  WriteRegStr SHCTX "Software\Classes\cascade\shell\open\command" "" '"$INSTDIR\cascade.exe" "%1"'
  WriteRegStr SHCTX "Software\Microsoft\Windows\CurrentVersion\App Paths\cascade.exe" "" "$INSTDIR\cascade.exe"

  WriteRegStr SHCTX "${KEY}" "DisplayName" "${NAME}"
  WriteRegStr SHCTX "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${KEY}" "DisplayIcon" "$INSTDIR\cascade.exe"
  WriteRegStr SHCTX "${KEY}" "Publisher" "Cascade contributors"
  WriteRegStr SHCTX "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${KEY}" "InstallMode" "$MultiUser.InstallMode"
  WriteRegStr SHCTX "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode'
  WriteRegStr SHCTX "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode /S'
  WriteRegDWORD SHCTX "${KEY}" "NoModify" 1
  WriteRegDWORD SHCTX "${KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD SHCTX "${KEY}" "EstimatedSize" "$0"
SectionEnd

Section "Uninstall"
  Call un.StopIfRunning
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\cascade.exe"
  Delete "$INSTDIR\cascade-relay.exe"
  Delete "$INSTDIR\LICENCES.txt"
  Delete "$INSTDIR\QT-SOURCE.txt"
  Delete "$INSTDIR\sbom.cdx.json"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Cascade.lnk"
  DeleteRegKey SHCTX "Software\Classes\cascade"
  DeleteRegKey SHCTX "Software\Microsoft\Windows\CurrentVersion\App Paths\cascade.exe"
  DeleteRegKey SHCTX "${KEY}"

  ; The journal is this user's own; silently it stays, unless the command line says otherwise.
  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "/DELETEDATA" $R1
  ${If} ${Errors}
    MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "$(Data)" /SD IDNO IDNO keep
  ${EndIf}
  SetShellVarContext current
  RMDir /r "$LOCALAPPDATA\cascade"
  keep:
SectionEnd
