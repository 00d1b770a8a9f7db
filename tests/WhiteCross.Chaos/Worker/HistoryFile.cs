using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace WhiteCross.Chaos.Worker;

/// <summary>
/// What the handlers of one process did, line after line, outside the system under test: each line is with the operating system before the handler goes
/// on, so that it is there whatever becomes of the process. Every process has a file of its own. Its times are the machine's, whatever the process has
/// been told of the time.
/// </summary>
internal sealed class HistoryFile : BackgroundService
{
    /// <summary>The environment variable with the folder of the files.</summary>
    public const string FolderVariable = "CHAOS_HISTORY";

    /// <summary>How often a process shows that it lives.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly FileStream _file;
    private bool _isClosed;

    public HistoryFile(IConfiguration configuration)
    {
        var folder = configuration[FolderVariable] ?? throw new InvalidOperationException($"{FolderVariable} is not set; it must name the folder of the histories.");
        _file = new FileStream(Path.Combine(folder, $"{Environment.ProcessId}.history"), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    /// <summary>Adds a line: monotonic time in nanoseconds (one clock for all processes of the machine), wall time in milliseconds, process, what, job, attempt, run, detail.</summary>
    public void Write(string what, string jobId = "", int attempt = 0, string run = "", string detail = "")
    {
        lock (_lock)
        {
            var nanoseconds = (long)(Stopwatch.GetTimestamp() * (1_000_000_000d / Stopwatch.Frequency));
            var line = string.Create(
                CultureInfo.InvariantCulture, $"{nanoseconds}\t{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}\t{Environment.ProcessId}\t{what}\t{jobId}\t{attempt}\t{run}\t{detail}\n");
            _file.Write(Encoding.UTF8.GetBytes(line));
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        lock (_lock)
        {
            _isClosed = true;
            _file.Dispose();
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(
        async () =>
        {
            // Until the very end: a process that drains lives.
            using var timer = new PeriodicTimer(Heartbeat);
            do
            {
                lock (_lock)
                {
                    if (_isClosed)
                    {
                        return;
                    }

                    Write("alive");
                }
            }
            while (await timer.WaitForNextTickAsync(CancellationToken.None));
        },
        CancellationToken.None);

    public override Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
