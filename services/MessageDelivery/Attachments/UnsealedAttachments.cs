using Microsoft.EntityFrameworkCore;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// Seals attachments that were stored in the clear: before there was sealing, or before keys were given. Some in each round, until there are none left. First the row has a key, marked; then the content is
/// replaced all at once; then the mark goes. Whatever dies in between is found by its mark, and instances that do the same at once use the same key and come to the same bytes.
/// </summary>
internal sealed partial class UnsealedAttachments(
    IServiceScopeFactory scopes, AttachmentContents contents, IAttachmentStore store, TimeProvider time, ILogger<UnsealedAttachments> logger)
    : PeriodicService(TimeSpan.FromSeconds(5), time)
{
    private const int MostInARound = 100;

    // A round leaves the disk to others in between.
    private static readonly TimeSpan LongestRound = TimeSpan.FromSeconds(3);

    // For what could not be sealed: its content may be away, or its key.
    private static readonly TimeSpan AnewAfter = TimeSpan.FromHours(1);

    private Guid _last;
    private long _sealed;
    private long _left;
    private long? _endedAt;

    protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!contents.IsSealing || (_endedAt is { } ended && (_left == 0 || Time.GetElapsedTime(ended) < AnewAfter)))
        {
            return;
        }

        (_last, _left) = _endedAt is null ? (_last, _left) : (Guid.Empty, 0);
        _endedAt = null;
        var started = Time.GetTimestamp();
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<MessagesDbContext>();
        var page = await database.Attachments.AsNoTracking()
            .Where(row => row.Size != null && row.Id.CompareTo(_last) > 0 && (row.SealedKey == null || EF.Functions.Like(row.SealedKey, AttachmentContents.BeingSealed + "%")))
            .OrderBy(row => row.Id).Take(MostInARound).ToListAsync(cancellationToken);
        var done = 0;
        foreach (var row in page)
        {
            if (done > 0 && Time.GetElapsedTime(started) > LongestRound)
            {
                return;
            }

            _left += await SealAsync(database, row, cancellationToken) ? 0 : 1;
            _last = row.Id;
            done++;
        }

        if (page.Count == MostInARound)
        {
            return;
        }

        _endedAt = Time.GetTimestamp();
        if (_sealed + _left > 0)
        {
            LogSealed(_sealed, _left);
            _sealed = 0;
        }
    }

    protected override void Failed(string what, Exception exception) => LogFailed(exception);

    // True when it is sealed, or gone.
    private async Task<bool> SealAsync(MessagesDbContext database, Attachment row, CancellationToken cancellationToken)
    {
        var rows = database.Attachments.Where(stored => stored.Id == row.Id);
        var sealedKey = row.SealedKey;
        if (sealedKey is null)
        {
            var key = AttachmentContents.BeingSealed + contents.NewKey(row.Id)!.Value.Sealed;
            sealedKey = await rows.Where(stored => stored.SealedKey == null).ExecuteUpdateAsync(set => set.SetProperty(stored => stored.SealedKey, key), cancellationToken) == 1
                ? key
                : await rows.Select(stored => stored.SealedKey).FirstOrDefaultAsync(cancellationToken);
            if (sealedKey is null || !sealedKey.StartsWith(AttachmentContents.BeingSealed, StringComparison.Ordinal))
            {
                return true;
            }
        }

        if (!await contents.SealAsync(row.Id, sealedKey, row.Size!.Value, cancellationToken))
        {
            return !await rows.AnyAsync(cancellationToken);
        }

        var bare = sealedKey[AttachmentContents.BeingSealed.Length..];
        if (await rows.Where(stored => stored.SealedKey == sealedKey).ExecuteUpdateAsync(set => set.SetProperty(stored => stored.SealedKey, bare), cancellationToken) == 1)
        {
            _sealed++;
        }
        else if (!await rows.AnyAsync(cancellationToken))
        {
            await store.DeleteAsync(row.Id, cancellationToken); // It was removed meanwhile, and must not be back.
        }

        return true;
    }

    [LoggerMessage(LogLevel.Information, "{Count} attachments that lay in the clear are sealed; {Left} could not be, since their content or key is away")]
    private partial void LogSealed(long count, long left);

    [LoggerMessage(LogLevel.Warning, "Attachments that lie in the clear could not be sealed; it is tried again until they can be")]
    private partial void LogFailed(Exception exception);
}
