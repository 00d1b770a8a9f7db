using System.Diagnostics;
using System.Text.Json.Nodes;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Cli.Tests;

/// <summary>The tool as it is installed: packed, put into a folder, and run as a process.</summary>
public sealed class PackageTests(CliSystem system) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("whitecross-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task It_is_packed_installed_and_run()
    {
        var built = Path.GetDirectoryName(BuiltProjects.Find("src/WhiteCross.Cli", "wc"))!;
        var configuration = Directory.GetParent(built)!.Name;
        var packages = Path.Combine(_folder.FullName, "packages");
        await EnsureAsync("dotnet", "pack", Path.Combine(BuiltProjects.Repository, "src", "WhiteCross.Cli"), "--no-build", "-c", configuration, "-o", packages);
        await EnsureAsync("dotnet", "tool", "install", "WhiteCross.Cli", "--tool-path", _folder.FullName, "--source", packages);
        var wc = Path.Combine(_folder.FullName, "wc");

        var (exitCode, output) = await RunAsync(wc, "metrics", "--json");
        Assert.Equal(0, exitCode);
        Assert.Equal(6, JsonNode.Parse(output)!["queues"]!.AsObject().Count);
        Assert.Equal(ExitCodes.NotFound, (await RunAsync(wc, "job", "nobody-knows-it")).ExitCode);
        Assert.Equal(ExitCodes.WrongInput, (await RunAsync(wc, "unheard-of")).ExitCode);
    }

    [Fact]
    public async Task It_is_also_packed_under_a_name_that_hides_no_other_command()
    {
        var configuration = Directory.GetParent(Path.GetDirectoryName(BuiltProjects.Find("src/WhiteCross.Cli", "wc"))!)!.Name;
        var packages = Path.Combine(_folder.FullName, "packages");
        await EnsureAsync("dotnet", "pack", Path.Combine(BuiltProjects.Repository, "src", "WhiteCross.Cli"), "--no-build", "-c", configuration, "-o", packages, "-p:CommandName=whitecross");
        await EnsureAsync("dotnet", "tool", "install", "WhiteCross.Cli.whitecross", "--tool-path", _folder.FullName, "--source", packages);

        Assert.Equal(0, (await RunAsync(Path.Combine(_folder.FullName, "whitecross"), "metrics", "--json")).ExitCode);
        Assert.False(File.Exists(Path.Combine(_folder.FullName, "wc")));
    }

    [Fact]
    public async Task Ctrl_C_ends_it_with_130()
    {
        // Tests that run in the background of a shell inherit that Ctrl-C is ignored.
        using var process = Start("env", "--default-signal=INT", BuiltProjects.Find("src/WhiteCross.Cli", "wc")[..^".dll".Length], "metrics", "--watch", "--json");
        Assert.NotNull(await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.Equal(ExitCodes.Interrupted, process.ExitCode);
    }

    private async Task EnsureAsync(string command, params string[] args)
    {
        var (exitCode, output) = await RunAsync(command, args);
        Assert.True(exitCode == 0, $"{command} {string.Join(' ', args)} exited with {exitCode}:\n{output}");
    }

    private async Task<(int ExitCode, string Output)> RunAsync(string command, params string[] args)
    {
        using var process = Start(command, args);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output);
    }

    private Process Start(string command, params string[] args)
    {
        var start = new ProcessStartInfo(command) { RedirectStandardOutput = true, WorkingDirectory = _folder.FullName };
        foreach (var arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        foreach (var (name, value) in system.Tool().Variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
