namespace WhiteCross.MessageEncryption;

/// <summary>Encrypts and decrypts with the keys at hand, and says what is wrong in words that hold nothing of content or keys.</summary>
internal sealed class ContentEncryption(KeyRingSource source)
{
    /// <summary>Encrypts a content.</summary>
    /// <param name="messageId">The message it belongs to.</param>
    /// <param name="content">The content.</param>
    /// <param name="keyId">The key to use; null for the current one.</param>
    /// <param name="cancellationToken">Ends the waiting for keys.</param>
    /// <exception cref="EncryptionException">There is no such key.</exception>
    public async Task<EncryptedContent> EncryptAsync(Guid messageId, string content, string? keyId, CancellationToken cancellationToken)
    {
        var keys = await source.GetAsync(cancellationToken);
        keyId ??= keys.CurrentId;
        keys = await EnsureAsync(keys, keyId, "keyId", cancellationToken);
        return new EncryptedContent(messageId, keyId, Encrypt(keys, keyId, messageId, content));
    }

    /// <summary>Decrypts a content.</summary>
    /// <param name="messageId">The message it belongs to.</param>
    /// <param name="cipherText">What <see cref="EncryptAsync"/> returned.</param>
    /// <param name="cancellationToken">Ends the waiting for keys.</param>
    /// <exception cref="EncryptionException">It cannot be decrypted.</exception>
    public async Task<DecryptedContent> DecryptAsync(Guid messageId, string cipherText, CancellationToken cancellationToken)
    {
        var (keys, keyId) = await FindKeyAsync(cipherText, cancellationToken);
        return new DecryptedContent(messageId, keyId, Decrypt(keys, keyId, messageId, cipherText) ?? throw Damaged());
    }

    /// <summary>Moves a content to the current key.</summary>
    /// <param name="messageId">The message it belongs to.</param>
    /// <param name="cipherText">What <see cref="EncryptAsync"/> returned.</param>
    /// <param name="cancellationToken">Ends the waiting for keys.</param>
    /// <returns>The content under the current key; as it was when that is its key already.</returns>
    /// <exception cref="EncryptionException">It cannot be decrypted.</exception>
    public async Task<EncryptedContent> ReencryptAsync(Guid messageId, string cipherText, CancellationToken cancellationToken)
    {
        var (keys, keyId) = await FindKeyAsync(cipherText, cancellationToken);
        return keyId == keys.CurrentId
            ? new EncryptedContent(messageId, keyId, cipherText)
            : new EncryptedContent(messageId, keys.CurrentId, Reseal(keys, keyId, messageId, cipherText) ?? throw Damaged());
    }

    private static EncryptionException Damaged() =>
        new("content", "cannot be decrypted: it is damaged, belongs to another message, or its key has changed.");

    private static string Encrypt(KeyRing keys, string keyId, Guid messageId, string content) =>
        keys.TryGet(keyId, out var key) ? SealedContent.Seal(keyId, key, messageId, content) : throw UnknownKey("keyId", keyId);

    private static string? Decrypt(KeyRing keys, string keyId, Guid messageId, string cipherText) =>
        keys.TryGet(keyId, out var key) ? SealedContent.Open(key, messageId, cipherText) : null;

    private static string? Reseal(KeyRing keys, string keyId, Guid messageId, string cipherText) =>
        keys.TryGet(keyId, out var key) && keys.TryGet(keys.CurrentId, out var current)
            ? SealedContent.Reseal(key, keys.CurrentId, current, messageId, cipherText)
            : null;

    private static EncryptionException UnknownKey(string field, string keyId) =>
        new(field, $"names the key '{keyId}', which is not among the keys of this service; add it to the secret of its keys.");

    private async Task<(KeyRing Keys, string KeyId)> FindKeyAsync(string cipherText, CancellationToken cancellationToken)
    {
        var keyId = SealedContent.KeyIdOf(cipherText) ?? throw new EncryptionException("content", "is not what an encryption returned.");
        return (await EnsureAsync(await source.GetAsync(cancellationToken), keyId, "content", cancellationToken), keyId);
    }

    private async Task<KeyRing> EnsureAsync(KeyRing keys, string keyId, string field, CancellationToken cancellationToken)
    {
        if (!keys.TryGet(keyId, out _))
        {
            keys = await source.GetNewestAsync(cancellationToken);
            if (!keys.TryGet(keyId, out _))
            {
                throw UnknownKey(field, keyId);
            }
        }

        return keys;
    }
}
