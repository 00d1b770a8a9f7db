using StackExchange.Redis;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis;

/// <summary>Runs scripts, and turns what Redis answers when it cannot serve into <see cref="JobStoreUnavailableException"/>.</summary>
public static class RedisGuard
{
    // What a server says that is there but cannot serve now: starting, a replica, a cluster in change, out of memory, unable to write its files.
    private static readonly string[] UnavailableAnswers =
        ["LOADING", "READONLY", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN", "BUSY", "NOREPLICAS", "OOM", "MISCONF"];

    /// <summary>Runs a script by its hash; sends its text when the server does not know it, or no longer.</summary>
    /// <param name="database">The database.</param>
    /// <param name="script">The script.</param>
    /// <param name="keys">Its KEYS.</param>
    /// <param name="values">Its ARGV.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="mayRunWhenFull">Whether a script that makes room may run in a Redis without memory left.</param>
    /// <exception cref="JobStoreUnavailableException">Redis cannot serve now.</exception>
    public static async Task<RedisResult> RunAsync(
        IDatabaseAsync database, RedisScript script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken, bool mayRunWhenFull = true)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(script);
        cancellationToken.ThrowIfCancellationRequested();
        if (script.WithNote is { } noted && ChangeNote.Current is { } note)
        {
            (script, values) = (noted, note.With(values));
        }

        try
        {
            try
            {
                return await EvaluateAsync(database, script, keys, values, cancellationToken);
            }
            catch (RedisServerException exception) when (mayRunWhenFull && script.WhenFull is not null && IsFull(exception))
            {
                // Refused before it wrote anything.
                return await EvaluateAsync(database, script.WhenFull, keys, values, cancellationToken);
            }
        }
        catch (Exception exception) when (IsUnavailable(exception))
        {
            RedisConnectionLog.CallFailed(database.Multiplexer, exception);
            throw Unavailable(exception);
        }
    }

    private static async Task<RedisResult> EvaluateAsync(
        IDatabaseAsync database, RedisScript script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken)
    {
        try
        {
            return await database.ScriptEvaluateAsync(script.Hash, keys, values).WaitAsync(cancellationToken);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await database.ScriptEvaluateAsync(script.Text, keys, values).WaitAsync(cancellationToken);
        }
    }

    // Also in the words of a script whose command was refused.
    private static bool IsFull(Exception exception) => exception.Message.Contains("OOM command not allowed", StringComparison.Ordinal);

    /// <summary>Runs a command.</summary>
    /// <typeparam name="T">What it answers.</typeparam>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="JobStoreUnavailableException">Redis cannot serve now.</exception>
    public static async Task<T> RunAsync<T>(Func<Task<T>> command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await command().WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (IsUnavailable(exception))
        {
            throw Unavailable(exception);
        }
    }

    /// <summary>Whether the exception says that Redis cannot serve, rather than that the call is wrong.</summary>
    internal static bool IsUnavailable(Exception exception) => exception switch
    {
        RedisServerException server => IsFull(server) || Array.Exists(UnavailableAnswers, answer => server.Message.StartsWith(answer, StringComparison.Ordinal)),
        RedisConnectionException or TimeoutException or ObjectDisposedException => true,
        _ => false,
    };

    /// <summary>The exception that callers get. What lies behind it names the command and the server, never an argument.</summary>
    internal static JobStoreUnavailableException Unavailable(Exception exception) => new(
        exception switch
        {
            RedisServerException full when IsFull(full) => "Redis, which holds the job store, has no memory left (OOM).",
            RedisServerException server => $"Redis cannot serve the job store now: {server.Message.Split(' ')[0]}.",
            TimeoutException => "Redis, which holds the job store, did not answer in time.",
            _ => "Redis, which holds the job store, cannot be reached.",
        },
        exception)
    {
        IsWithoutEffect = IsWithoutEffect(exception),
        IsFull = IsFull(exception),
    };

    // What waited to be sent when the client gave up is taken out of its queue and goes no more. What a server refuses it has not done: its state cannot
    // change within a script, so that the first write is refused. Out of memory too: a script that has written anything is let write to its end.
    private static bool IsWithoutEffect(Exception exception) => exception switch
    {
        RedisServerException => true,
        RedisTimeoutException timeout => timeout.Commandstatus == CommandStatus.WaitingToBeSent,
        RedisConnectionException connection => connection.CommandStatus == CommandStatus.WaitingToBeSent
            || connection.FailureType is ConnectionFailureType.UnableToConnect or ConnectionFailureType.UnableToResolvePhysicalConnection,
        ObjectDisposedException => true,
        _ => false,
    };
}
