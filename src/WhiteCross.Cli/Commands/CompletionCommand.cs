using System.CommandLine;

namespace WhiteCross.Cli.Commands;

/// <summary><c>wc completion</c>: what a shell needs to complete commands, options, queues and states.</summary>
internal static class CompletionCommand
{
    // The tool itself knows what may follow: [suggest:N] is System.CommandLine's question for it. The scripts ask under the name that was typed.
    private const string Bash =
        """
        _whitecross() {
          local line="${COMP_LINE#*[[:space:]]}" word="${COMP_WORDS[COMP_CWORD]}"
          [[ "$COMP_LINE" == *[[:space:]]* ]] || line=
          local skipped=$(( ${#COMP_LINE} - ${#line} )) IFS=$'\n'
          COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:$(( COMP_POINT - skipped ))]" "$line" 2>/dev/null)" -- "$word"))
        }
        complete -F _whitecross NAME
        """;

    private const string Zsh =
        """
        #compdef NAME
        _whitecross() {
          local line="${BUFFER#*[[:space:]]}"
          local skipped=$(( ${#BUFFER} - ${#line} ))
          local -a found=("${(@f)$("${words[1]}" "[suggest:$(( CURSOR - skipped ))]" "$line" 2>/dev/null)}")
          compadd -- $found
        }
        compdef _whitecross NAME
        """;

    private const string Fish =
        """
        function _whitecross
            set -l line (commandline -cp)
            set -l rest (string replace -r '^\S+\s?' '' -- $line)
            set -l name (string match -r '^\S+' -- $line)
            command $name "[suggest:"(string length -- "$rest")"]" "$rest" 2>/dev/null
        end
        complete -c NAME -f -a '(_whitecross)'
        """;

    public static Command Create(CommandRunner runner)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var name = new Option<string>("--name") { Description = "The command to complete. Default: wc.", DefaultValueFactory = _ => "wc", HelpName = "name" };
        var command = new Command("completion", "Prints what a shell needs to complete: source <(wc completion bash)") { shell, name };
        return runner.HandleAlone(command, (environment, _, arguments) =>
        {
            var called = arguments.GetValue(name)!;
            if (called.Length == 0 || !called.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.' or '/'))
            {
                throw new CliException(ExitCodes.WrongInput, "--name must be a command's name: letters, digits and -_./");
            }

            var script = arguments.GetValue(shell) switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                _ => Fish,
            };
            environment.Output.WriteLine(script.Replace("NAME", called, StringComparison.Ordinal));
        });
    }
}
