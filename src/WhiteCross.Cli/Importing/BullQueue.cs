using System.Globalization;
using System.Text.Json.Nodes;
using StackExchange.Redis;

namespace WhiteCross.Cli.Importing;

/// <summary>A queue of Bull or BullMQ in Redis.</summary>
internal sealed class BullQueue(IDatabase redis, string prefix, string name)
{
    // Whoever takes a job out of Bull's list has it: no worker starts it any more, and what was taken stands in the note until it is added.
    private const string Take =
        """
        local removed
        if ARGV[2] == 'list' then removed = redis.call('LREM', KEYS[1], -1, ARGV[1]) else removed = redis.call('ZREM', KEYS[1], ARGV[1]) end
        if removed == 0 then return 0 end
        redis.call('ZREM', KEYS[2], ARGV[1])
        redis.call('HSET', KEYS[3], ARGV[1], ARGV[3])
        return 1
        """;

    private const string PutBack =
        """
        if redis.call('HDEL', KEYS[3], ARGV[1]) == 0 then return 0 end
        if ARGV[2] == 'list' then redis.call('RPUSH', KEYS[1], ARGV[1]) else redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1]) end
        if ARGV[4] ~= '' then redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1]) end
        return 1
        """;

    private static readonly (string Key, BullState State)[] Lists = [("wait", BullState.Waiting), ("paused", BullState.Waiting)];
    private static readonly (string Key, BullState State)[] Sets = [("prioritized", BullState.Prioritized), ("delayed", BullState.Delayed), ("failed", BullState.Failed)];

    public string Name { get; } = name;

    private RedisKey Taken => Key("whitecross-import");

    /// <summary>All queues under a prefix, by name.</summary>
    public static async Task<IReadOnlyList<BullQueue>> FindAsync(IConnectionMultiplexer connection, string prefix, CancellationToken cancellationToken)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        var database = connection.GetDatabase();
        foreach (var server in connection.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }))
        {
            foreach (var suffix in (string[])["id", "meta"])
            {
                // Both count their jobs in :id, from the first one on.
                await foreach (var key in server.KeysAsync(database.Database, $"{Escape(prefix)}:*:{suffix}", 1000).WithCancellation(cancellationToken))
                {
                    var text = (string)key!;
                    var between = text[(prefix.Length + 1)..^(suffix.Length + 1)];
                    if (between.Length > 0 && !between.Contains(':', StringComparison.Ordinal))
                    {
                        names.Add(between);
                    }
                }
            }
        }

        return [.. names.Select(found => new BullQueue(database, prefix, found))];
    }

    /// <summary>Which library made it.</summary>
    public async Task<string> LibraryAsync() => (string?)await redis.HashGetAsync(Key("meta"), "version") is { Length: > 0 } version ? version : "bull";

    /// <summary>How many jobs run there now, how many wait for their children, and how many schedules it has.</summary>
    public async Task<(long Active, long Parents, long Schedules)> LeftAsync()
    {
        var (active, parents, schedules) = (redis.ListLengthAsync(Key("active")), redis.SortedSetLengthAsync(Key("waiting-children")), redis.SortedSetLengthAsync(Key("repeat")));
        return (await active, await parents, await schedules);
    }

    /// <summary>The jobs that can be taken, in the order in which Bull would run them; before them, those that an earlier import took and did not bring to an end.</summary>
    public async Task<IReadOnlyList<BullPlace>> PlacesAsync(IReadOnlySet<BullState> states)
    {
        var places = new List<BullPlace>();
        foreach (var entry in await redis.HashGetAllAsync(Taken))
        {
            var note = JsonNode.Parse((string)entry.Value!)!;
            if (note["added"] is null)
            {
                places.Add(new BullPlace((string)entry.Name!, BullState.Taken, note["key"]!.GetValue<string>(), note["score"]?.GetValue<double>()));
            }
        }

        foreach (var (key, state) in Lists.Where(list => states.Contains(list.State)))
        {
            // Bull adds at the head and takes from the tail.
            places.AddRange((await redis.ListRangeAsync(Key(key))).Reverse().Select(id => new BullPlace((string)id!, state, key, null)));
        }

        foreach (var (key, state) in Sets.Where(set => states.Contains(set.State)))
        {
            places.AddRange((await redis.SortedSetRangeByRankWithScoresAsync(Key(key))).Select(entry => new BullPlace((string)entry.Element!, state, key, entry.Score)));
        }

        return places;
    }

    /// <summary>Reads jobs.</summary>
    public async Task<IReadOnlyList<BullJob>> ReadAsync(IReadOnlyList<BullPlace> places)
    {
        var read = places.Select(place => redis.HashGetAllAsync(Key(place.Id))).ToList();
        return [.. places.Zip(await Task.WhenAll(read), (place, fields) => new BullJob(place, fields))];
    }

    /// <summary>Takes jobs, so that no worker of Bull starts them any more.</summary>
    /// <returns>Of each whether it was still there.</returns>
    public async Task<bool[]> TakeAsync(IReadOnlyList<(BullJob Job, string JobId)> jobs)
    {
        var taken = jobs.Select(async item =>
            item.Job.Place.State == BullState.Taken
            || (int)await redis.ScriptEvaluateAsync(Take, KeysOf(item.Job), [item.Job.Place.Id, KindOf(item.Job), NoteOf(item.Job, item.JobId, isAdded: false)]) == 1);
        return await Task.WhenAll(taken);
    }

    /// <summary>Puts jobs back to where they were: what is not wanted here is still Bull's. Bull takes from a list's tail, so that what was taken first goes there last.</summary>
    public async Task PutBackAsync(IEnumerable<BullJob> jobs)
    {
        foreach (var job in jobs.Reverse())
        {
            await redis.ScriptEvaluateAsync(PutBack, KeysOf(job), [job.Place.Id, KindOf(job), ScoreOf(job.Place), PriorityOf(job)]);
        }
    }

    /// <summary>Notes that jobs are on record here.</summary>
    public Task ConfirmAsync(IEnumerable<(BullJob Job, string JobId)> jobs) =>
        redis.HashSetAsync(Taken, [.. jobs.Select(item => new HashEntry(item.Job.Place.Id, NoteOf(item.Job, item.JobId, isAdded: true)))]);

    private static string KindOf(BullJob job) => job.Place.Score is null ? "list" : "set";

    private static string ScoreOf(BullPlace place) => place.Score?.ToString("R", CultureInfo.InvariantCulture) ?? string.Empty;

    // Bull has jobs with a priority in a second set, beside the list.
    private static RedisValue PriorityOf(BullJob job) => job.Place.Score is null && job.Priority > 0 ? job.Priority : string.Empty;

    private static string NoteOf(BullJob job, string jobId, bool isAdded)
    {
        var note = new JsonObject { ["key"] = job.Place.Key, ["jobId"] = jobId };
        if (job.Place.Score is { } score)
        {
            note["score"] = score;
        }

        if (isAdded)
        {
            note["added"] = true;
        }

        return note.ToJsonString();
    }

    // A pattern's characters in a prefix, such as the braces of a cluster's, stand for themselves.
    private static string Escape(string text) => string.Concat(text.Select(character => character is '*' or '?' or '[' or ']' or '\\' or '^' ? $"\\{character}" : $"{character}"));

    private RedisKey[] KeysOf(BullJob job) => [Key(job.Place.Key), Key("priority"), Taken];

    private RedisKey Key(string rest) => $"{prefix}:{Name}:{rest}";
}
