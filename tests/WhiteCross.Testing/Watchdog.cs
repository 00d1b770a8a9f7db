using System.Diagnostics;
using System.Globalization;

namespace WhiteCross.Testing;

/// <summary>
/// Ends a process also when the tests are killed, and takes its folder away: then the pipe that the watchdog reads is closed. On Unix; elsewhere it does
/// nothing.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private readonly Process? _process;

    public Watchdog(Process watched, string? folder = null)
    {
        if (!OperatingSystem.IsWindows())
        {
            _process = Process.Start(new ProcessStartInfo("sh")
            {
                ArgumentList =
                {
                    "-c",
                    string.Create(CultureInfo.InvariantCulture, $"read _; kill -9 {watched.Id}; [ -z \"$1\" ] || {{ sleep 1; rm -rf \"$1\"; }}"),
                    "watchdog",
                    folder ?? string.Empty,
                },
                RedirectStandardInput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            });
        }
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
