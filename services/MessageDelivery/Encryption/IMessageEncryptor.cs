using WhiteCross.Jobs;

namespace WhiteCross.MessageDelivery;

/// <summary>Encrypts what must not be stored in the clear.</summary>
internal interface IMessageEncryptor
{
    /// <summary>Encrypts a message's content.</summary>
    /// <param name="messageId">The message, bound to the cipher text as associated data.</param>
    /// <param name="content">What was said.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The cipher text, with all that is needed to decrypt it but the key.</returns>
    /// <exception cref="PermanentJobException">It cannot be encrypted, and another attempt will not help.</exception>
    /// <exception cref="HttpRequestException">The encryption service is away.</exception>
    Task<string> EncryptAsync(Guid messageId, string content, CancellationToken cancellationToken);

    /// <summary>Decrypts a message's content.</summary>
    /// <param name="messageId">The message.</param>
    /// <param name="cipherText">What <see cref="EncryptAsync"/> returned.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="PermanentJobException">It cannot be decrypted, and another attempt will not help.</exception>
    /// <exception cref="HttpRequestException">The encryption service is away.</exception>
    Task<string> DecryptAsync(Guid messageId, string cipherText, CancellationToken cancellationToken);

    /// <summary>Moves a message's content to the current key.</summary>
    /// <param name="messageId">The message.</param>
    /// <param name="cipherText">What <see cref="EncryptAsync"/> returned.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The cipher text under the current key; as it was when that is its key already.</returns>
    /// <exception cref="PermanentJobException">It cannot be decrypted, and another attempt will not help.</exception>
    /// <exception cref="HttpRequestException">The encryption service is away.</exception>
    Task<string> ReencryptAsync(Guid messageId, string cipherText, CancellationToken cancellationToken);
}
