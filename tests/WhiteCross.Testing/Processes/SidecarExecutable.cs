using System.Diagnostics;
using System.Globalization;

namespace WhiteCross.Testing.Processes;

/// <summary>The sidecar that tests start: daprd where <c>DAPRD_PATH</c> names it, else the local one.</summary>
public static class SidecarExecutable
{
    /// <summary>daprd's path; null: the local sidecar.</summary>
    public static string? Daprd { get; } = Environment.GetEnvironmentVariable("DAPRD_PATH") is { Length: > 0 } path
        ? File.Exists(path) ? path : throw new InvalidOperationException("DAPRD_PATH names a file that is not there.")
        : null;

    /// <summary>What tests run on.</summary>
    public static string Description { get; } = Daprd is null ? "local sidecar" : $"daprd {Version(Daprd)}";

    /// <summary>The command line.</summary>
    /// <param name="flags">daprd's flags.</param>
    public static IReadOnlyList<string> Command(params IEnumerable<string> flags) =>
    [
        .. Daprd is null ? ["dotnet", "exec", BuiltProjects.Find("src/WhiteCross.Sidecar", "WhiteCross.Sidecar")] : new[] { Daprd },
        .. flags, "--metrics-port", FreePortText(), "--profile-port", FreePortText(), "--dapr-internal-grpc-port", FreePortText(),
    ];

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort() => FreePorts.Take();

    private static string FreePortText() => FreePort().ToString(CultureInfo.InvariantCulture);

    private static string Version(string daprd)
    {
        using var process = Process.Start(new ProcessStartInfo(daprd, ["--version"]) { RedirectStandardOutput = true })!;
        return process.StandardOutput.ReadToEnd().Trim();
    }
}
