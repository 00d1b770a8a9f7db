using System.Text;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageEncryption;

/// <summary>Encrypts or decrypts a content. What was decrypted is not kept with the job: see <see cref="DecryptedContents"/>.</summary>
internal sealed class EncryptDecryptHandler(ContentEncryption encryption, DecryptedContents decrypted, IOptions<EncryptionOptions> options, TimeProvider time)
    : IJobHandler<EncryptDecryptJob>
{
    // In base64, with what goes round it, this stays within the 64 KiB of a job's result: a cut cipher text would be worth nothing.
    private const int LargestContent = 45 * 1024;

    /// <inheritdoc/>
    public async Task<JobOutcome> HandleAsync(Job<EncryptDecryptJob> job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        var data = job.Data;
        try
        {
            if (data.Operation == EncryptionOperation.Encrypt)
            {
                return Encoding.UTF8.GetByteCount(data.Content) > LargestContent
                    ? new JobOutcome.Fail($"content: is longer than {LargestContent / 1024} KiB, so that its cipher text would not fit into the job's result.")
                    : new JobOutcome.Completed(await encryption.EncryptAsync(data.MessageId, data.Content, data.KeyId, cancellationToken)) { ForgetsData = true };
            }

            var content = await encryption.DecryptAsync(data.MessageId, data.Content, cancellationToken);
            await decrypted.KeepAsync(job.Id, content, cancellationToken);
            return new JobOutcome.Completed(new DecryptResult(data.MessageId, content.KeyId, time.GetUtcNow() + options.Value.KeepDecrypted)) { ForgetsData = true };
        }
        catch (EncryptionException exception)
        {
            return new JobOutcome.Fail(exception.Message);
        }
    }
}

/// <summary>What is kept of a decryption in its job's record.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="KeyId">The key it was encrypted with.</param>
/// <param name="AvailableUntil">Until when the content can be fetched.</param>
internal sealed record DecryptResult(Guid MessageId, string KeyId, DateTimeOffset AvailableUntil) : IJobResult<EncryptDecryptJob>;
