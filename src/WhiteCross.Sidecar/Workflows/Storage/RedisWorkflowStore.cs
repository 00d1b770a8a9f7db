using System.Globalization;
using StackExchange.Redis;

namespace WhiteCross.Sidecar.Workflows.Storage;

/// <summary>
/// Instances on Redis. Under the prefix <c>{app id||workflow}||</c>: a hash (version, state), two lists (history, inbox) an instance, and sets of all ids
/// and of those that have not ended. All keys of an app share a hash tag, so that one transaction can span instances.
/// </summary>
/// <param name="redis">The connection.</param>
/// <param name="appId">The app.</param>
/// <param name="database">The database; -1: the connection's default.</param>
public sealed class RedisWorkflowStore(IConnectionMultiplexer redis, string appId, int database = -1) : IWorkflowStore
{
    private readonly IDatabase _db = redis.GetDatabase(database);
    private readonly string _prefix = $"{{{appId}||workflow}}||";

    /// <inheritdoc/>
    public async Task<StoredInstance?> LoadAsync(string instanceId, CancellationToken cancellationToken)
    {
        // One transaction, so that the parts belong together.
        var read = _db.CreateTransaction();
        var head = read.HashGetAsync(Head(instanceId), ["version", "state"]);
        var history = read.ListRangeAsync(History(instanceId));
        var inbox = read.ListRangeAsync(Inbox(instanceId));
        await read.ExecuteAsync().WaitAsync(cancellationToken);
        var fields = await head;
        return fields[0].IsNull
            ? null
            : new StoredInstance((long)fields[0], (byte[])fields[1]!, [.. (await history).Select(e => (byte[])e!)], [.. (await inbox).Select(e => (byte[])e!)]);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) => MembersAsync(Ids, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListLiveAsync(CancellationToken cancellationToken) => MembersAsync(Live, cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> ApplyAsync(IReadOnlyList<InstanceChange> changes, CancellationToken cancellationToken)
    {
        var write = _db.CreateTransaction();
        foreach (var change in changes)
        {
            write.AddCondition(change.ExpectedVersion == 0
                ? Condition.KeyNotExists(Head(change.InstanceId))
                : Condition.HashEqual(Head(change.InstanceId), "version", change.ExpectedVersion));
            Add(write, change);
        }

        return await write.ExecuteAsync().WaitAsync(cancellationToken);
    }

    private string Ids => _prefix + "instances";

    private string Live => _prefix + "live";

    // The transaction's own task tells whether these happened; theirs carry nothing more.
    private void Add(ITransaction write, InstanceChange change)
    {
        var id = change.InstanceId;
        if (change.Deletes)
        {
            _ = write.KeyDeleteAsync([Head(id), History(id), Inbox(id)]);
            _ = write.SetRemoveAsync(Ids, id);
            _ = write.SetRemoveAsync(Live, id);
            return;
        }

        _ = write.HashSetAsync(Head(id), [new("version", (change.ExpectedVersion + 1).ToString(CultureInfo.InvariantCulture)), new("state", change.State)]);
        _ = write.SetAddAsync(Ids, id);
        _ = change.IsOver ? write.SetRemoveAsync(Live, id) : write.SetAddAsync(Live, id);
        if (change.ClearsHistory)
        {
            _ = write.KeyDeleteAsync(History(id));
        }

        if (change.History.Count > 0)
        {
            _ = write.ListRightPushAsync(History(id), [.. change.History.Select(e => (RedisValue)e)]);
        }

        if (change.ClearsInbox)
        {
            _ = write.KeyDeleteAsync(Inbox(id));
        }
        else if (change.TakesFromInbox > 0)
        {
            _ = write.ListTrimAsync(Inbox(id), change.TakesFromInbox, -1);
        }

        if (change.Inbox.Count > 0)
        {
            _ = write.ListRightPushAsync(Inbox(id), [.. change.Inbox.Select(e => (RedisValue)e)]);
        }
    }

    private async Task<IReadOnlyList<string>> MembersAsync(string key, CancellationToken cancellationToken)
    {
        var members = await _db.SetMembersAsync(key).WaitAsync(cancellationToken);
        return [.. members.Select(m => m.ToString()).Order(StringComparer.Ordinal)];
    }

    private RedisKey Head(string id) => $"{_prefix}{id}";

    private RedisKey History(string id) => $"{_prefix}{id}||history";

    private RedisKey Inbox(string id) => $"{_prefix}{id}||inbox";
}
