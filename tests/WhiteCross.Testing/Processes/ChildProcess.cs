using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace WhiteCross.Testing.Processes;

/// <summary>What to run as a process of its own.</summary>
/// <param name="Name">What tests and logs call it.</param>
/// <param name="Command">The executable and its arguments.</param>
/// <param name="Environment">Added to this process's environment; null takes a variable away.</param>
/// <param name="LogFile">Its output goes to the end of this file.</param>
/// <param name="WorkingDirectory">Where it runs; null: here.</param>
public sealed record ChildProcessStart(
    string Name, IReadOnlyList<string> Command, IReadOnlyDictionary<string, string?> Environment, string LogFile, string? WorkingDirectory = null);

/// <summary>A process that a test may kill, stop, let go on, and start again. It ends with the test, also when that is killed. On Unix.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private readonly ChildProcessStart _start;
    private Process? _process;
    private Watchdog? _watchdog;

    /// <summary>Describes a process; <see cref="Start"/> starts it.</summary>
    /// <param name="start">What to run.</param>
    public ChildProcess(ChildProcessStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        _start = start;
    }

    /// <summary>What tests and logs call it.</summary>
    public string Name => _start.Name;

    /// <summary>The file with its output.</summary>
    public string LogFile => _start.LogFile;

    /// <summary>Its process id.</summary>
    public int Id => Running.Id;

    /// <summary>Whether it runs, stopped by a signal or not.</summary>
    public bool IsRunning => _process is { HasExited: false };

    private Process Running => _process ?? throw new InvalidOperationException($"{Name} has not been started.");

    /// <summary>Starts it, again where it has ended.</summary>
    public void Start()
    {
        if (IsRunning)
        {
            throw new InvalidOperationException($"{Name} runs already.");
        }

        Close();
        // The shell turns into the process: output goes straight to the file, so that nobody here must read it for the process to go on. The environment
        // goes by `env`: a shell may drop variables whose names have a hyphen, such as those of queues.
        var start = new ProcessStartInfo("sh")
        {
            ArgumentList = { "-c", "log=$1; shift; exec env \"$@\" >>\"$log\" 2>&1", "sh", _start.LogFile },
            UseShellExecute = false,
            WorkingDirectory = _start.WorkingDirectory ?? string.Empty,
        };
        string[] arguments =
        [
            .. _start.Environment.Where(variable => variable.Value is null).SelectMany(variable => new[] { "-u", variable.Key }),
            .. _start.Environment.Where(variable => variable.Value is not null).Select(variable => $"{variable.Key}={variable.Value}"),
            .. _start.Command,
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
        _watchdog = new Watchdog(_process);
    }

    /// <summary>Ends it at once: <c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        Running.Kill();
        await Running.WaitForExitAsync();
    }

    /// <summary>Waits until it has ended by itself.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken)
    {
        await Running.WaitForExitAsync(cancellationToken);
        return Running.ExitCode;
    }

    /// <summary>Asks it to end (SIGTERM) and waits until it has.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> TerminateAsync(CancellationToken cancellationToken)
    {
        Signal("-TERM");
        await Running.WaitForExitAsync(cancellationToken);
        return Running.ExitCode;
    }

    /// <summary>Freezes it: connections stay open, nothing answers (SIGSTOP).</summary>
    public void Freeze() => Signal("-STOP");

    /// <summary>Lets it go on after <see cref="Freeze"/>.</summary>
    public void Thaw() => Signal("-CONT");

    /// <summary>Waits until an address of it answers with success.</summary>
    /// <param name="client">A client.</param>
    /// <param name="address">The address.</param>
    /// <param name="patience">How long at most.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InvalidOperationException">It has ended; the message has the end of its output.</exception>
    public async Task WaitUntilUpAsync(HttpClient client, Uri address, TimeSpan patience, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (!await IsUpAsync(client, address, limit.Token))
            {
                if (!IsRunning)
                {
                    throw new InvalidOperationException($"{Name} ended with exit code {Running.ExitCode}:\n{LastOutput()}");
                }

                await timer.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{Name} did not answer {address} within {patience.TotalSeconds:0} s:\n{LastOutput()}");
        }
    }

    /// <summary>The end of its output.</summary>
    public string LastOutput() => File.Exists(LogFile) ? string.Join('\n', File.ReadLines(LogFile).TakeLast(30)) : "(no output)";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            await KillAsync();
        }

        Close();
    }

    private static async Task<bool> IsUpAsync(HttpClient client, Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync(address, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // It is not there, or frozen: the client has a patience of its own.
            return false;
        }
    }

    private void Close()
    {
        _watchdog?.Dispose();
        _watchdog = null;
        _process?.Dispose();
        _process = null;
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", [signal, Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
