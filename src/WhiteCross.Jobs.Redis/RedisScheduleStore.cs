using System.Text.Json;
using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Schedules;

namespace WhiteCross.Jobs.Redis;

/// <summary>Keeps schedules on Redis: a hash for each queue, from a schedule's id to its JSON.</summary>
public sealed class RedisScheduleStore : IScheduleStore
{
    private readonly IDatabase _database;

    /// <summary>Creates the store.</summary>
    /// <param name="redis">The connection.</param>
    /// <param name="database">The number of the database.</param>
    public RedisScheduleStore(IConnectionMultiplexer redis, int database)
    {
        ArgumentNullException.ThrowIfNull(redis);
        _database = redis.GetDatabase(database);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JobSchedule>> ListAsync(string queue, CancellationToken cancellationToken)
    {
        var entries = await RedisGuard.RunAsync(() => _database.HashGetAllAsync(Key(queue)), cancellationToken);
        return [.. entries.Select(entry => TryRead(entry.Value)).OfType<JobSchedule>().OrderBy(schedule => schedule.Id, StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async Task<JobSchedule?> FindAsync(string queue, string id, CancellationToken cancellationToken) =>
        await RedisGuard.RunAsync(() => _database.HashGetAsync(Key(queue), id), cancellationToken) is { IsNull: false } value ? Read(value) : null;

    /// <inheritdoc/>
    public async Task<bool> ReplaceAsync(JobSchedule? current, JobSchedule next, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(next);
        var json = JsonSerializer.SerializeToUtf8Bytes(next with { Version = (current?.Version ?? 0) + 1 }, JobsJsonContext.Default.JobSchedule);
        return (int)await RedisGuard.RunAsync(
            _database, QueueScript.Replace, [Key(next.Queue)], [next.Id, current?.Version ?? RedisValue.EmptyString, json], cancellationToken) == 1;
    }

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(string queue, string id, CancellationToken cancellationToken) =>
        RedisGuard.RunAsync(() => _database.HashDeleteAsync(Key(queue), id), cancellationToken);

    private static RedisKey Key(string queue) => $"wc:{{{queue}}}:schedules";

    // One that somebody wrote by hand, and wrongly, must not hide all others; asked for by its id, it says what it is.
    private static JobSchedule? TryRead(RedisValue value)
    {
        try
        {
            return Read(value);
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException)
        {
            return null;
        }
    }

    private static JobSchedule Read(RedisValue value) =>
        JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)value).Span, JobsJsonContext.Default.JobSchedule)
        ?? throw new InvalidDataException("A schedule in Redis is no schedule.");
}
