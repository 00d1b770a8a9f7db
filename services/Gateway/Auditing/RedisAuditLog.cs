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

    private const int MostAtOnce = 200;

    // An answer takes no longer; until then whoever made a change adds its entry itself, with what came of it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromMinutes(5);

    private static readonly RedisKey Key = "wc:audit";
    private static readonly RedisValue Field = "entry";

    private volatile Head _head = new(0, AuditChain.Beginning);

    public async Task AddAsync(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Looked for when the last link is known: if another adds it meanwhile, the link is not the last any more.
            var head = _head;
            var missing = await MissingAsync(entries, cancellationToken);
            if (missing.Count == 0)
            {
                await ForgetAsync(entries);
                return;
            }

            var (number, link) = (head.Number, head.Chain);
            var arguments = new List<RedisValue> { head.Chain, (time.GetUtcNow() - options.Value.Keep).ToUnixTimeMilliseconds() };
            foreach (var entry in missing)
            {
                var json = TextOf(entry);
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

    public IDisposable? Announce(AuditEntry entry) => ChangeNote.Attach(Announced(entry.Queue), entry.Id!, TextOf(entry));

    public JobNote? NoteOf(AuditEntry entry) => new(entry.Id!, TextOf(entry));

    public Task IntendAsync(AuditEntry entry, CancellationToken cancellationToken) =>
        RedisGuard.RunAsync(database, GatewayScripts.Announce, [Announced(entry.Queue)], [entry.Id, TextOf(entry)], cancellationToken);

    public Task ForgetAsync(AuditEntry entry) => ForgetAsync([entry]);

    public async Task CollectAsync(CancellationToken cancellationToken)
    {
        var late = new List<AuditEntry>();
        foreach (var queue in JobQueues.All)
        {
            var announced = await RedisGuard.RunAsync(() => database.HashGetAllAsync(Announced(queue.Name)), cancellationToken);
            late.AddRange(announced
                .Select(note => JsonSerializer.Deserialize<AuditEntry>(((ReadOnlyMemory<byte>)note.Value).Span, JsonSerializerOptions.Web)!)
                .Where(IsLate)); // Of the others, whoever made the change is about to add them.
        }

        foreach (var some in late.OrderBy(entry => entry.At).Chunk(MostAtOnce))
        {
            await AddAsync(some, cancellationToken);
        }
    }

    public async Task<IReadOnlyList<AuditEntry>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        var entries = await RedisGuard.RunAsync(() => database.StreamRangeAsync(Key, count: limit, messageOrder: Order.Descending), cancellationToken);
        return [.. entries.Select(Read)];
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

    private bool IsLate(AuditEntry entry) => entry.Id is not null && time.GetUtcNow() - entry.At >= Patience;

    // Another gateway may have added what is late, as may whoever made the change.
    private async Task<IReadOnlyList<AuditEntry>> MissingAsync(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        if (!entries.Any(IsLate))
        {
            return entries;
        }

        var (known, since) = (new HashSet<string>(StringComparer.Ordinal), entries.Where(IsLate).Min(entry => entry.At) - ClocksDiffer);
        RedisValue to = "+";
        while (true)
        {
            var before = to;
            var page = await RedisGuard.RunAsync(() => database.StreamRangeAsync(Key, "-", before, Page, Order.Descending), cancellationToken);
            var read = page.Select(Read).ToList();
            known.UnionWith(read.Select(entry => entry.Id).OfType<string>());
            if (page.Length < Page || read.TrueForAll(entry => entry.At < since))
            {
                return [.. entries.Where(entry => entry.Id is null || !known.Contains(entry.Id))];
            }

            to = "(" + page[^1].Id;
        }
    }

    // What cannot be forgotten now is found again, and known by its id.
    private async Task ForgetAsync(IReadOnlyList<AuditEntry> entries)
    {
        foreach (var ofQueue in entries.Where(entry => entry.Id is not null).GroupBy(entry => Announced(entry.Queue)))
        {
            try
            {
                await RedisGuard.RunAsync(() => database.HashDeleteAsync(ofQueue.Key, [.. ofQueue.Select(entry => (RedisValue)entry.Id)]), CancellationToken.None);
            }
            catch (JobStoreUnavailableException)
            {
                return;
            }
        }
    }

    private static byte[] TextOf(AuditEntry entry) => JsonSerializer.SerializeToUtf8Bytes(entry, JsonSerializerOptions.Web);

    private static AuditEntry Read(StreamEntry entry) => JsonSerializer.Deserialize<AuditEntry>(((ReadOnlyMemory<byte>)entry[Field]).Span, JsonSerializerOptions.Web)!;

    // What is of no queue lies with those of clean-ups. The scripts that add jobs know this key as well.
    private static string Announced(string? queue) => $"wc:{{{queue ?? JobQueues.MessageCleanup}}}:announced";

    private sealed record Head(long Number, string Chain);
}
