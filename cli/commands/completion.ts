import { StepLabError } from "../../core/error.ts";
import { didYouMean } from "../../core/did-you-mean.ts";
import { EXIT, defineCommand } from "../command.ts";

const help = `Print a script that lets the shell complete commands, options, stages, parameters, inputs, runs, profiles and files.

Usage: steplab completion bash | zsh | fish

  bash    in ~/.bashrc:   source <(npx steplab completion bash)
  zsh     in ~/.zshrc:    source <(npx steplab completion zsh)      (after compinit)
  fish    npx steplab completion fish > ~/.config/fish/completions/steplab.fish

The script asks the steplab of the folder you are in, so it stays right when steplab or the project changes. It
completes the word steplab: npm install -g steplab, or an alias such as  alias steplab="npx steplab".

Example: npx steplab completion bash >> ~/.bashrc
`;

/** `=` breaks words in bash: what was typed is put together again, and of a candidate only the part after it is given back. */
const BASH = `# completion of steplab for bash
_steplab() {
  local i word last=-1 words=()
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if ((last >= 0)) && { [[ $word == = ]] || [[ \${COMP_WORDS[i-1]} == = ]]; }; then
      words[last]+=$word
    else
      words+=("$word")
      ((last++))
    fi
  done
  local current=\${words[last]} value line
  value=\${current##*=}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :file) compopt -o filenames 2>/dev/null
             while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$value") ;;
      :folder) compopt -o filenames 2>/dev/null
             while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$value") ;;
      *) [[ $current == *=* ]] && line=\${line#"\${current%"$value"}"}
         COMPREPLY+=("$line") ;;
    esac
  done < <(steplab __complete "\${words[@]}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -F _steplab steplab
`;

const ZSH = `#compdef steplab
# completion of steplab for zsh
_steplab() {
  local -a candidates open closed
  local line
  candidates=("\${(@f)$(steplab __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in $candidates; do
    case $line in
      :file) compset -P '*='; _files; return ;;
      :folder) compset -P '*='; _files -/; return ;;
      *=) open+=("$line") ;;
      ?*) closed+=("$line") ;;
    esac
  done
  (( $#open )) && compadd -S '' -a open
  (( $#closed )) && compadd -a closed
}
compdef _steplab steplab
`;

const FISH = `# completion of steplab for fish
function __steplab_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l current (commandline -ct)
  for line in (steplab __complete $words[2..-1] 2>/dev/null)
    switch $line
      case ':file' ':folder'
        set -l prefix (string match -r '^.*=' -- $current)
        for path in (__fish_complete_path (string replace -r '^.*=' '' -- $current))
          echo $prefix$path
        end
      case '*'
        echo $line
    end
  end
end
complete -c steplab -f -a '(__steplab_complete)'
`;

const SCRIPTS: Record<string, string> = { bash: BASH, zsh: ZSH, fish: FISH };

export const command = defineCommand({
  name: "completion",
  summary: "print a script for completion in the shell",
  help,
  options: {},
  positionals: [Object.keys(SCRIPTS)],
  run(_values, [shell]) {
    const script = shell === undefined ? undefined : SCRIPTS[shell];
    if (script === undefined) {
      throw new StepLabError(
        "cli/usage",
        shell === undefined ? "Say for which shell." : `There is no completion for "${shell}".`,
        { hint: didYouMean(shell ?? "", Object.keys(SCRIPTS)) ?? "" },
      );
    }
    process.stdout.write(script);
    return Promise.resolve(EXIT.done);
  },
});
