using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

/// <summary>With something that encrypts in the encryption service's place: another cipher text every time, like the real one.</summary>
public sealed class EncryptedMessageTests(PostgresServer postgres) : DeliveryTests(DatabaseKind.Sqlite, postgres)
{
    private const string Words = "The biopsy was benign.";

    [Fact]
    public async Task Clear_text__is_neither_stored_nor_pushed()
    {
        var message = Some.Message() with { Content = Words, RequiresEncryption = true };
        await using var recipient = await Service.ConnectAsync(message.RecipientId);

        await Service.SendAsync(message);

        var stored = (await Service.StoredAsync(message.MessageId))!;
        var pushed = await recipient.NextMessageAsync();
        Assert.True(stored.Encrypted && pushed.Encrypted);
        Assert.DoesNotContain(Words, stored.Content, StringComparison.Ordinal);
        Assert.Equal(stored.Content, pushed.Content);
        var encryptor = Service.Services.GetRequiredService<IMessageEncryptor>();
        Assert.Equal(Words, await encryptor.DecryptAsync(message.MessageId, stored.Content, Token));
    }

    [Fact]
    public async Task Sent_again__is_known_though_its_cipher_text_would_differ__other_words_are_refused()
    {
        var message = Some.Message() with { Content = Words, RequiresEncryption = true };
        await Service.SendAsync(message);
        var stored = (await Service.StoredAsync(message.MessageId))!.Content;

        Assert.IsType<JobOutcome.Completed>(await Service.SendAsync(message));
        Assert.IsType<JobOutcome.Fail>(await Service.SendAsync(message with { Content = "The biopsy was malignant." }));
        Assert.IsType<JobOutcome.Fail>(await Service.SendAsync(message with { RequiresEncryption = false }));

        Assert.Equal(stored, (await Service.StoredAsync(message.MessageId))!.Content);
    }

    protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<IMessageEncryptor, AesEncryptor>();

    private sealed class AesEncryptor : IMessageEncryptor
    {
        private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

        public Task<string> EncryptAsync(Guid messageId, string content, CancellationToken cancellationToken)
        {
            using var aes = new AesGcm(_key, 16);
            var clear = Encoding.UTF8.GetBytes(content);
            var sealedBytes = new byte[12 + 16 + clear.Length];
            RandomNumberGenerator.Fill(sealedBytes.AsSpan(0, 12));
            aes.Encrypt(sealedBytes.AsSpan(0, 12), clear, sealedBytes.AsSpan(28), sealedBytes.AsSpan(12, 16), messageId.ToByteArray());
            return Task.FromResult(Convert.ToBase64String(sealedBytes));
        }

        public Task<string> DecryptAsync(Guid messageId, string cipherText, CancellationToken cancellationToken)
        {
            using var aes = new AesGcm(_key, 16);
            var sealedBytes = Convert.FromBase64String(cipherText);
            var clear = new byte[sealedBytes.Length - 28];
            aes.Decrypt(sealedBytes.AsSpan(0, 12), sealedBytes.AsSpan(28), sealedBytes.AsSpan(12, 16), clear, messageId.ToByteArray());
            return Task.FromResult(Encoding.UTF8.GetString(clear));
        }
    }
}
