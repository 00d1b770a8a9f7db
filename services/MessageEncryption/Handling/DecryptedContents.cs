using System.Globalization;
using Dapr.Client;
using Microsoft.Extensions.Options;

namespace WhiteCross.MessageEncryption;

/// <summary>
/// What decrypt jobs have decrypted, for a short time, in the state store; encrypted there too, with the current key, so that the store sees no plain text.
/// </summary>
internal sealed class DecryptedContents(DaprClient dapr, ContentEncryption encryption, IOptions<EncryptionOptions> options)
{
    /// <summary>Keeps a content.</summary>
    /// <param name="jobId">The job that decrypted it.</param>
    /// <param name="content">The content.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task KeepAsync(string jobId, DecryptedContent content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        var kept = await encryption.EncryptAsync(content.MessageId, content.Content, keyId: null, cancellationToken);
        var seconds = (int)Math.Ceiling(options.Value.KeepDecrypted.TotalSeconds);
        await dapr.SaveStateAsync(
            options.Value.StateStore,
            Key(jobId),
            kept,
            metadata: new Dictionary<string, string> { ["ttlInSeconds"] = seconds.ToString(CultureInfo.InvariantCulture) },
            cancellationToken: cancellationToken);
    }

    /// <summary>Finds a content.</summary>
    /// <param name="jobId">The job that decrypted it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Null when there is none, or its time is over.</returns>
    public async Task<DecryptedContent?> FindAsync(string jobId, CancellationToken cancellationToken) =>
        await dapr.GetStateAsync<EncryptedContent?>(options.Value.StateStore, Key(jobId), cancellationToken: cancellationToken) is { } kept
            ? await encryption.DecryptAsync(kept.MessageId, kept.CipherText, cancellationToken)
            : null;

    private static string Key(string jobId) => $"decrypted:{jobId}";
}
