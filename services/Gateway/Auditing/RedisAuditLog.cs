using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Redis;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>Keeps the audit log in a Redis stream. Several gateways write to it: whoever finds that another was first ties its entries to the other's.</summary>
internal sealed class RedisAuditLog(IDatabase database, AuditChain chain, IOptions<AuditOptions> options, TimeProvider time) : IAuditLog
{
    private const int Page = 500;

    private const int Recent = 1000;

    // An answer takes no longer; until then whoever made a change adds its entry itself, with what came of it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly RedisKey Key = "wc:audit";
    private static readonly RedisValue Field = "entry";

    private volatile Head _head = new(0, AuditChain.Beginning);

    public async Task AddAsync(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        var jsons = entries.Select(entry => JsonSerializer.SerializeToUtf8Bytes(entry, JsonSerializerOptions.Web)).ToList();
        while (true)
        {
            var head = _head;
            var (number, link) = (head.Number, head.Chain);
            var arguments = new List<RedisValue> { head.Chain, (time.GetUtcNow() - options.Value.Keep).ToUnixTimeMilliseconds() };
            foreach (var json in jsons)
            {
                link = chain.Next(link, ++number, json);
                arguments.AddRange([json, number, link]);
            }

            var answer = (RedisResult[])(await RedisGuard.RunAsync(database, GatewayScripts.AddAudit, [Key], [.. arguments], cancellationToken))!;
            if ((int)answer[0] == 1)
            {
                _head = new Head(number, link);
                await ForgetAsync(entries);
                return;
            }

            _head = new Head((long)answer[1], (string)answer[2]!);
        }
    }

    public IDisposable? Announce(AuditEntry entry) =>
        ChangeNote.Attach(Announced(entry.Queue!), entry.Id!, JsonSerializer.SerializeToUtf8Bytes(entry, JsonSerializerOptions.Web));

    public async Task CollectAsync(CancellationToken cancellationToken)
    {
        HashSet<string>? known = null;
        foreach (var queue in JobQueues.All)
        {
            var announced = await RedisGuard.RunAsync(() => database.HashGetAllAsync(Announced(queue.Name)), cancellationToken);
            foreach (var note in announced.OrderBy(note => note.Name))
            {
                var entry = JsonSerializer.Deserialize<AuditEntry>(((ReadOnlyMemory<byte>)note.Value).Span, JsonSerializerOptions.Web)!;
                if (time.GetUtcNow() - entry.At < Patience)
                {
                    continue; // Whoever made the change is about to.
                }

                known ??= [.. (await ListAsync(Recent, cancellationToken)).Select(recent => recent.Id).OfType<string>()];
                await (known.Add(entry.Id!) ? AddAsync([entry], cancellationToken) : ForgetAsync([entry]));
            }
        }
    }

    public async Task<IReadOnlyList<AuditEntry>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        var entries = await RedisGuard.RunAsync(() => database.StreamRangeAsync(Key, count: limit, messageOrder: Order.Descending), cancellationToken);
        return [.. entries.Select(entry => JsonSerializer.Deserialize<AuditEntry>(((ReadOnlyMemory<byte>)entry[Field]).Span, JsonSerializerOptions.Web)!)];
    }

    public async IAsyncEnumerable<AuditLink> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RedisValue from = "-";
        while (true)
        {
            var start = from;
            var entries = await RedisGuard.RunAsync(() => database.StreamRangeAsync(Key, start, count: Page), cancellationToken);
            foreach (var entry in entries)
            {
                yield return new AuditLink(entry["number"].IsNull ? 0 : (long)entry["number"], (ReadOnlyMemory<byte>)entry[Field], (string?)entry["chain"] ?? string.Empty);
            }

            if (entries.Length < Page)
            {
                yield break;
            }

            from = "(" + entries[^1].Id;
        }
    }

    // What cannot be forgotten now is found again, and known by its id.
    private async Task ForgetAsync(IReadOnlyList<AuditEntry> entries)
    {
        foreach (var entry in entries.Where(entry => entry.Id is not null))
        {
            try
            {
                await RedisGuard.RunAsync(() => database.HashDeleteAsync(Announced(entry.Queue!), entry.Id), CancellationToken.None);
            }
            catch (JobStoreUnavailableException)
            {
                return;
            }
        }
    }

    private static string Announced(string queue) => $"wc:{{{queue}}}:announced";

    private sealed record Head(long Number, string Chain);
}
