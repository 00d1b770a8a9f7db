using WhiteCross.Jobs;

namespace WhiteCross.MessageDelivery;

/// <summary>Encrypts what must not be stored in the clear.</summary>
public interface IMessageEncryptor
{
    /// <summary>Encrypts a message's content.</summary>
    /// <param name="messageId">The message, bound to the cipher text as associated data.</param>
    /// <param name="content">What was said.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The cipher text, with all that is needed to decrypt it but the key.</returns>
    /// <exception cref="PermanentJobException">It cannot be encrypted, and another attempt will not help.</exception>
    Task<string> EncryptAsync(Guid messageId, string content, CancellationToken cancellationToken);

    /// <summary>Decrypts a message's content.</summary>
    /// <param name="messageId">The message.</param>
    /// <param name="cipherText">What <see cref="EncryptAsync"/> returned.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="PermanentJobException">It cannot be decrypted, and another attempt will not help.</exception>
    Task<string> DecryptAsync(Guid messageId, string cipherText, CancellationToken cancellationToken);
}

/// <summary>Stands where no encryption service is configured: fails the job rather than storing in the clear what was to be encrypted.</summary>
internal sealed class UnconfiguredMessageEncryptor : IMessageEncryptor
{
    public const string Reason = "requiresEncryption: the encryption service is not configured, so the message was not stored.";

    public Task<string> EncryptAsync(Guid messageId, string content, CancellationToken cancellationToken) => throw new PermanentJobException(Reason);

    public Task<string> DecryptAsync(Guid messageId, string cipherText, CancellationToken cancellationToken) =>
        throw new PermanentJobException("The message is stored encrypted, and the encryption service is not configured.");
}
