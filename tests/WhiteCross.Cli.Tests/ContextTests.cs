using System.Diagnostics;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Cli.Tests;

/// <summary>Gateways by name, and what shells complete.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ContextTests(CliSystem system) : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("whitecross-");

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public async Task A_gateway_has_a_name_with_its_key_in_a_file_of_its_owner()
    {
        Assert.Contains("is set, and used", (await RunAsync(CliSystem.KeyOf("admin"), "context", "set", "here", "--url", system.Address.ToString(), "--key-input")).Well().Output, StringComparison.Ordinal);
        (await RunAsync(string.Empty, "context", "set", "away", "--url", "http://localhost:1")).Well();

        (await RunAsync(string.Empty, "metrics")).Well();
        (await RunAsync(string.Empty, "metrics", "--context", "away")).Refused(ExitCodes.Unavailable, "http://localhost:1");
        (await RunAsync(string.Empty, "context", "use", "away")).Well();
        (await RunAsync(string.Empty, "metrics")).Refused(ExitCodes.Unavailable, "http://localhost:1");
        (await RunAsync(string.Empty, "metrics", "--context", "here")).Well();
        (await RunAsync(string.Empty, "metrics", "--context", "nowhere")).Refused(ExitCodes.NotFound, "there are: away, here");
        var shown = (await RunAsync(string.Empty, "context")).Well().Output;
        Assert.Contains("*\taway\thttp://localhost:1/\tnone", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(CliSystem.KeyOf("admin"), shown + (await RunAsync(string.Empty, "context", "--json")).Output, StringComparison.Ordinal);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        (await RunAsync(string.Empty, "metrics")).Refused(ExitCodes.WrongInput, "chmod 600");
    }

    [Fact]
    public async Task A_key_is_shown_only_to_the_gateway_that_it_is_for()
    {
        (await RunAsync(string.Empty, "context", "set", "here", "--url", system.Address.ToString(), "--key", CliSystem.KeyOf("viewer"))).Well();

        // An address that is given outright gets no key of a context.
        (await RunAsync(string.Empty, "metrics", "--url", system.Address.ToString())).Refused(ExitCodes.NotAllowed, "does not know who asks");
        // One that moves keeps none.
        (await RunAsync(string.Empty, "context", "set", "here", "--url", $"{system.Address}?".TrimEnd('?').Replace("localhost", "127.0.0.1", StringComparison.Ordinal))).Well();
        (await RunAsync(string.Empty, "metrics")).Refused(ExitCodes.NotAllowed, "does not know who asks");
        (await RunAsync(string.Empty, "context", "set", "new")).Refused(ExitCodes.WrongInput, "needs its --url");
        (await RunAsync(string.Empty, "context", "set", "new", "--url", "ftp://x")).Refused(ExitCodes.WrongInput, "--url must be");
        (await RunAsync(string.Empty, "context", "remove", "here")).Well();
        (await RunAsync(string.Empty, "context", "remove", "here")).Refused(ExitCodes.NotFound, "There is no context 'here'");
    }

    [Fact]
    public async Task A_file_that_is_none_is_told()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        await File.WriteAllTextAsync(FilePath, "[", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        (await RunAsync(string.Empty, "metrics")).Refused(ExitCodes.WrongInput, "cannot be read as contexts");
    }

    [Fact]
    public async Task Bash_completes_commands_options_and_queues()
    {
        var script = (await RunAsync(string.Empty, "completion", "bash", "--name", "tool")).Well().Output;
        var dll = BuiltProjects.Find("src/WhiteCross.Cli", "wc");

        Assert.Contains("metrics", await CompleteAsync(script, dll, "tool met"), StringComparison.Ordinal);
        Assert.Contains("message-delivery", await CompleteAsync(script, dll, "tool jobs message-d"), StringComparison.Ordinal);
        Assert.Contains("--state", await CompleteAsync(script, dll, "tool jobs message-delivery --st"), StringComparison.Ordinal);
        (await RunAsync(string.Empty, "completion", "tcsh")).Refused(ExitCodes.WrongInput, "tcsh");
        (await RunAsync(string.Empty, "completion", "bash", "--name", "a;b")).Refused(ExitCodes.WrongInput, "--name must be");
    }

    [Theory]
    [InlineData("zsh", "compdef _whitecross wc")]
    [InlineData("fish", "complete -c wc")]
    public async Task Other_shells_have_theirs(string shell, string line) =>
        Assert.Contains(line, (await RunAsync(string.Empty, "completion", shell)).Well().Output, StringComparison.Ordinal);

    private string FilePath => Path.Combine(_home.FullName, "whitecross", "contexts.json");

    private Task<Ran> RunAsync(string input, params string[] args) => new Tool { Input = input, Variables = { ["XDG_CONFIG_HOME"] = _home.FullName } }.RunAsync(args);

    // As bash itself asks: with the line, the place in it, and its words.
    private static async Task<string> CompleteAsync(string script, string dll, string line)
    {
        var words = line.Split(' ');
        var program = $$"""
            tool() { dotnet exec '{{dll}}' "$@"; }
            {{script}}
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_CWORD={{words.Length - 1}}
            COMP_WORDS=({{string.Join(' ', words.Select(word => $"'{word}'"))}})
            _whitecross
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        var start = new ProcessStartInfo("bash", ["-c", program]) { RedirectStandardOutput = true };
        using var bash = Process.Start(start)!;
        var output = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }
}
