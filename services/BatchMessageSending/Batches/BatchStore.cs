using System.Globalization;
using System.Text.Json;
using Dapr.Client;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Sealing;

namespace WhiteCross.BatchMessageSending;

/// <summary>
/// Batches, their recipients and uploads in the Dapr state store, each entry sealed with the keys of job records and bound to its own key there. Recipients lie
/// in blocks of at most 1,000 and some 1 MiB.
/// </summary>
internal sealed class BatchStore(DaprClient dapr, JobSealing sealing, IOptions<BatchOptions> options, TimeProvider time)
{
    /// <summary>The most recipients in a block.</summary>
    public const int BlockSize = 1000;

    /// <summary>Blocks that are read or written at the same time: a few, since each may hold a thousand messages.</summary>
    internal const int BlocksAtOnce = 4;

    private const int KeysAtOnce = 1000;

    private string Store => options.Value.StateStore;

    /// <summary>A batch; null when there is none, or its time is over.</summary>
    /// <param name="batchId">Its id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<Batch?> FindAsync(Guid batchId, CancellationToken cancellationToken) => GetAsync<Batch>(BatchKey(batchId), cancellationToken);

    /// <summary>Keeps a batch; one that has ended for <see cref="BatchOptions.KeepEnded"/>.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task SaveAsync(Batch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return SaveAsync(BatchKey(batch.BatchId), batch, TimeToLive(batch.Status), cancellationToken);
    }

    /// <summary>Keeps a block of a batch's recipients.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="block">The block's number, from 0.</param>
    /// <param name="recipients">The recipients.</param>
    /// <param name="status">How far the batch is: the blocks of one that has ended are kept for a while only.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task SaveBlockAsync(Guid batchId, int block, IReadOnlyList<BatchRecipient> recipients, BatchStatus status, CancellationToken cancellationToken) =>
        SaveAsync(BlockKey(batchId, block), recipients, TimeToLive(status), cancellationToken);

    /// <summary>Removes blocks of a batch's recipients.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="blocks">How many blocks it has at most.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task RemoveBlocksAsync(Guid batchId, int blocks, CancellationToken cancellationToken) =>
        RemoveAsync(Enumerable.Range(0, blocks).Select(block => BlockKey(batchId, block)), cancellationToken);

    /// <summary>A block of a batch's recipients.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="block">The block's number, from 0.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public async Task<IReadOnlyList<BatchRecipient>> GetBlockAsync(Guid batchId, int block, CancellationToken cancellationToken) =>
        await GetAsync<List<BatchRecipient>>(BlockKey(batchId, block), cancellationToken)
        ?? throw new InvalidOperationException($"Recipients of batch {batchId} are not in the state store '{Store}' any more.");

    /// <summary>A batch's recipients from one place on, in their order.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="from">The first one's place, from 0.</param>
    /// <param name="count">How many, at most.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<IReadOnlyList<BatchRecipient>> GetRecipientsAsync(Batch batch, int from, int count, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var found = new List<BatchRecipient>(Math.Min(count, BlockSize));
        var start = 0;
        for (var block = 0; block < batch.Blocks.Count && found.Count < count; start += batch.Blocks[block++])
        {
            var skip = Math.Max(from - start, 0);
            if (skip < batch.Blocks[block])
            {
                found.AddRange((await GetBlockAsync(batch.BatchId, block, cancellationToken)).Skip(skip).Take(count - found.Count));
            }
        }

        return found;
    }

    /// <summary>Keeps a block of an upload for <see cref="BatchOptions.KeepUploads"/>.</summary>
    /// <param name="uploadId">The upload.</param>
    /// <param name="block">The block's number, from 0.</param>
    /// <param name="recipients">The recipients.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task SaveUploadBlockAsync(Guid uploadId, int block, IReadOnlyList<BatchRecipient> recipients, CancellationToken cancellationToken) =>
        SaveAsync(UploadBlockKey(uploadId, block), recipients, TimeToLive(options.Value.KeepUploads), cancellationToken);

    /// <summary>A block of an upload; null when it is not there, or its time is over.</summary>
    /// <param name="uploadId">The upload.</param>
    /// <param name="block">The block's number, from 0.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<IReadOnlyList<BatchRecipient>?> FindUploadBlockAsync(Guid uploadId, int block, CancellationToken cancellationToken) =>
        await GetAsync<List<BatchRecipient>>(UploadBlockKey(uploadId, block), cancellationToken);

    /// <summary>Ends an upload: from now on a batch can refer to it.</summary>
    /// <param name="uploadId">The upload.</param>
    /// <param name="upload">Its blocks.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task SaveUploadAsync(Guid uploadId, BatchUpload upload, CancellationToken cancellationToken) =>
        SaveAsync(UploadKey(uploadId), upload, TimeToLive(options.Value.KeepUploads), cancellationToken);

    /// <summary>An upload that has ended; null when there is none, or its time is over.</summary>
    /// <param name="uploadId">The upload.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<BatchUpload?> FindUploadAsync(Guid uploadId, CancellationToken cancellationToken) => GetAsync<BatchUpload>(UploadKey(uploadId), cancellationToken);

    /// <summary>Removes an upload.</summary>
    /// <param name="uploadId">The upload.</param>
    /// <param name="blocks">How many blocks it has at most.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task RemoveUploadAsync(Guid uploadId, int blocks, CancellationToken cancellationToken)
    {
        await DoAsync(token => dapr.DeleteStateAsync(Store, UploadKey(uploadId), cancellationToken: token), cancellationToken);
        await RemoveAsync(Enumerable.Range(0, blocks).Select(block => UploadBlockKey(uploadId, block)), cancellationToken);
    }

    private async Task RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken)
    {
        foreach (var some in keys.Chunk(KeysAtOnce))
        {
            await DoAsync(token => dapr.DeleteBulkStateAsync(Store, [.. some.Select(key => new BulkDeleteStateItem(key, etag: null!))], token), cancellationToken);
        }
    }

    private async Task<T?> GetAsync<T>(string key, CancellationToken cancellationToken)
        where T : class
    {
        var stored = await AskAsync(token => dapr.GetStateAsync<JsonElement>(Store, key, cancellationToken: token), cancellationToken);
        return stored.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null
            : sealing.Open(stored, key) is { } value ? value.Deserialize<T>(dapr.JsonSerializerOptions)
            : throw new SidecarAwayException($"What is kept of {key} is sealed with a key that {SealingKeys.Setting} does not have.");
    }

    private Task SaveAsync<T>(string key, T value, Dictionary<string, string>? metadata, CancellationToken cancellationToken)
    {
        var stored = sealing.Seal(JsonSerializer.SerializeToElement(value, dapr.JsonSerializerOptions), key);
        return DoAsync(token => dapr.SaveStateAsync(Store, key, stored, metadata: metadata, cancellationToken: token), cancellationToken);
    }

    private async Task DoAsync(Func<CancellationToken, Task> call, CancellationToken cancellationToken) => await AskAsync(
        async token =>
        {
            await call(token);
            return true;
        },
        cancellationToken);

    private Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken) =>
        SidecarAwayException.AskAsync(SidecarAwayException.Store, ask, options.Value.StateTimeout, time, cancellationToken);

    /// <summary>How many blocks a loop over them may work on at once.</summary>
    internal static ParallelOptions Concurrently(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = BlocksAtOnce, CancellationToken = cancellationToken };

    private static string BatchKey(Guid batchId) => $"batch:{batchId}";

    private static string BlockKey(Guid batchId, int block) => string.Create(CultureInfo.InvariantCulture, $"batch:{batchId}:{block}");

    private static string UploadKey(Guid uploadId) => $"upload:{uploadId}";

    private static string UploadBlockKey(Guid uploadId, int block) => string.Create(CultureInfo.InvariantCulture, $"upload:{uploadId}:{block}");

    private static Dictionary<string, string> TimeToLive(TimeSpan time) =>
        new() { ["ttlInSeconds"] = ((int)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture) };

    private Dictionary<string, string>? TimeToLive(BatchStatus status) => status == BatchStatus.Sending ? null : TimeToLive(options.Value.KeepEnded);
}
