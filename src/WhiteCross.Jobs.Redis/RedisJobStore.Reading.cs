using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis;

/// <content>Records, pages, metrics and changes.</content>
public sealed partial class RedisJobStore
{
    // Changes that a slow reader may be behind; then it loses the oldest.
    private const int WatchCapacity = 1024;

    // Jobs that one call of the script looks at: some milliseconds of Redis' time.
    private const int LookedAtAtOnce = 2_000;

    private static readonly TimeSpan SubscriptionLook = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan SubscriptionPatience = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async Task<JobRecord?> GetAsync(string queue, string jobId, CancellationToken cancellationToken)
    {
        var answer = (RedisResult[])(await RunAsync(QueueScript.Get, queue, Arguments(queue).With(jobId), cancellationToken))!;
        return RecordReader.Read(queue, (int)answer[0] == 1, answer[1]);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<KnownJob?>> GetStatesAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken)
    {
        var arguments = Arguments(queue, jobIds.Count);
        foreach (var jobId in jobIds)
        {
            arguments.With(jobId);
        }

        var letters = (string)(await RunAsync(QueueScript.States, queue, arguments, cancellationToken))!;
        return [.. letters.Select(letter => letter switch
        {
            '-' => default(KnownJob?),
            'C' or 'F' or 'R' => new KnownJob(RecordReader.ReadState(char.ToLowerInvariant(letter)), ReadRemains(char.ToLowerInvariant(letter))),
            _ => new KnownJob(RecordReader.ReadState(letter)),
        })];
    }

    /// <inheritdoc/>
    public async Task<JobPage> ListAsync(string queue, JobQuery query, CancellationToken cancellationToken)
    {
        var cursor = query.Cursor is { } text ? JobCursor.Parse(text) : (JobCursor?)null;
        var what = query.State switch
        {
            null => "all",
            JobState.Waiting => "w",
            JobState.Paused => "p",
            JobState.Delayed => "d",
            JobState.Active => "a",
            JobState.Completed => "c",
            _ => "f",
        };
        var arguments = Arguments(queue).With(what).With(query.Limit)
            .With(cursor?.Score.ToString(CultureInfo.InvariantCulture) ?? string.Empty).With(cursor?.JobId ?? string.Empty)
            .With(query.WithData).With(query.Cause ?? string.Empty).With(cursor?.IsBack ?? false);
        var answer = (RedisResult[])(await RunAsync(QueueScript.List, queue, arguments, cancellationToken))!;
        var isPaused = (int)answer[0] == 1;
        return new JobPage([.. answer.Skip(5).Select(record => RecordReader.Read(queue, isPaused, record)).OfType<JobRecord>()], CursorOf(answer, 1, isBack: false), CursorOf(answer, 3, isBack: true));
    }

    /// <inheritdoc/>
    public async Task<JobPage> ListByTermAsync(string queue, string term, int limit, string? cursor, CancellationToken cancellationToken)
    {
        var (found, bytes) = (new List<JobRecord>(), 0L);
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            var after = cursor is null ? (JobCursor?)null : JobCursor.Parse(cursor);
            var arguments = Arguments(queue).With(JobTerms.Hash(term)).With(limit - found.Count)
                .With(after?.Score.ToString(CultureInfo.InvariantCulture) ?? string.Empty).With(after?.JobId ?? string.Empty).With(LookedAtAtOnce);
            var answer = (RedisResult[])(await RunAsync(QueueScript.Find, queue, arguments, cancellationToken))!;
            var isPaused = (int)answer[0] == 1;
            bytes += (long)answer[3];
            found.AddRange(answer.Skip(4).Select(record => RecordReader.Read(queue, isPaused, record)).OfType<JobRecord>());
            cursor = CursorOf(answer, 1, isBack: false);
        }
        while (cursor is not null && found.Count < limit && bytes < JobStoreRules.PageBytes);

        return new JobPage(found, cursor);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<QueueMetrics>> GetMetricsAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        var minutes = (int)JobStoreRules.MetricsWindow.TotalMinutes;
        var answers = await Task.WhenAll(queues.Select(queue => RunAsync(QueueScript.Metrics, queue, Arguments(queue).With(minutes), cancellationToken)));
        return [.. answers.Select((answer, i) => ReadMetrics(queues[i], (RedisResult[])answer!))];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<QueueHistory>> GetHistoryAsync(IReadOnlyList<string> queues, int minutes, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(queues.Select(queue => RunAsync(QueueScript.History, queue, Arguments(queue).With(minutes), cancellationToken)));
        return [.. answers.Select((answer, i) => ReadHistory(queues[i], (string[])answer!))];
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<JobChange> WatchAsync(string queue, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var changes = Channel.CreateBounded<JobChange>(new BoundedChannelOptions(WatchCapacity)
        {
            FullMode = BoundedChannelFullMode.DropOldest,
            SingleReader = true,
        });
        var channel = RedisChannel.Literal(Keys(queue).Channel);
        // A queue of messages, since the client runs mere handlers side by side and so out of order.
        var messages = await SubscribeAsync(channel, cancellationToken);
        messages.OnMessage(message => ChangeMessage.Read(queue, (byte[])message.Message!, changes.Writer));
        try
        {
            await foreach (var change in changes.Reader.ReadAllAsync(cancellationToken))
            {
                yield return change;
            }
        }
        finally
        {
            // Nobody waits for it: the reader has gone, and Redis may be away.
            messages.Unsubscribe(CommandFlags.FireAndForget);
        }
    }

    private async Task<ChannelMessageQueue> SubscribeAsync(RedisChannel channel, CancellationToken cancellationToken)
    {
        for (var waited = TimeSpan.Zero; ; waited += SubscriptionLook)
        {
            try
            {
                return await _redis.GetSubscriber().SubscribeAsync(channel).WaitAsync(cancellationToken);
            }
            catch (RedisConnectionException) when (_redis.IsConnected && waited < SubscriptionPatience)
            {
                // Subscriptions have a connection of their own, which may come up after that of the commands.
                await Task.Delay(SubscriptionLook, cancellationToken);
            }
            catch (Exception exception) when (RedisGuard.IsUnavailable(exception))
            {
                throw RedisGuard.Unavailable(exception);
            }
        }
    }

    private static string? CursorOf(RedisResult[] answer, int place, bool isBack) =>
        (string)answer[place]! is { Length: > 0 } score
            ? new JobCursor(long.Parse(score, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), (string)answer[place + 1]!, isBack).ToString()
            : null;

    private static QueueHistory ReadHistory(string queue, string[] answer)
    {
        var newest = long.Parse(answer[0], CultureInfo.InvariantCulture);
        var counts = answer.Skip(1).Select(numbers => numbers.Length == 0
            ? new MinuteCounts()
            : MinuteCounts.FromNumbers([.. numbers.Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture))]));
        return MinuteCounts.ToHistory(queue, newest, [.. counts]);
    }

    private static QueueMetrics ReadMetrics(string queue, RedisResult[] answer)
    {
        var isPaused = (int)answer[0] == 1;
        var states = (long[])answer[1]!;
        var totals = (long[])answer[2]!;
        long completed = 0, failed = 0, attempts = 0, milliseconds = 0;
        foreach (var minute in (string[])answer[4]!)
        {
            var numbers = minute.Split(' ');
            completed += long.Parse(numbers[0], CultureInfo.InvariantCulture);
            failed += long.Parse(numbers[1], CultureInfo.InvariantCulture);
            attempts += long.Parse(numbers[2], CultureInfo.InvariantCulture);
            milliseconds += long.Parse(numbers[3], CultureInfo.InvariantCulture);
        }

        return new QueueMetrics
        {
            Name = queue,
            IsPaused = isPaused,
            Waiting = isPaused ? 0 : states[0],
            Paused = isPaused ? states[0] : 0,
            Delayed = states[1],
            Active = states[2],
            Completed = states[3],
            Failed = states[4],
            Added = totals[0],
            Removed = totals[1],
            CompletedTotal = totals[2],
            FailedTotal = totals[3],
            StalledTotal = totals[4],
            RetriedTotal = totals[5],
            AverageProcessingTime = attempts == 0 ? 0 : milliseconds / (double)attempts,
            FailureRate = completed + failed == 0 ? 0 : failed / (double)(completed + failed),
            OldestWaitingAt = (string)answer[3]! is { Length: > 0 } oldest ? RecordReader.ReadTime(oldest) : null,
        };
    }
}
