using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

/// <summary>With something that encrypts in the encryption service's place: another cipher text every time, like the real one.</summary>
public sealed class EncryptedMessageTests(PostgresServer postgres) : DeliveryTests(DatabaseKind.Sqlite, postgres)
{
    private const string Words = "The biopsy was benign.";

    protected override bool LogsEverything => true;

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

    [Fact]
    public async Task Sender_and_recipient_read_it_in_the_clear__nobody_else_does()
    {
        var message = Some.Message() with { Content = Words, RequiresEncryption = true };
        await Service.SendAsync(message);

        foreach (var user in new[] { message.SenderId, message.RecipientId })
        {
            Assert.Equal(
                new MessageContent(message.MessageId, Words),
                await Service.Http.GetFromJsonAsync<MessageContent>($"/messages/{message.MessageId}/content?userId={user}", Token));
        }

        using var stranger = await Service.Http.GetAsync($"/messages/{message.MessageId}/content?userId={Guid.NewGuid()}", Token);
        using var nobody = await Service.Http.GetAsync($"/messages/{message.MessageId}/content", Token);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.BadRequest), (stranger.StatusCode, nobody.StatusCode));
        Assert.DoesNotContain(Service.Logs.Lines, line => line.Contains(Words, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cannot_be_decrypted__is_said_and_nothing_is_shown()
    {
        var message = Some.Message();
        await StoreDamagedAsync(message);

        using var response = await Service.Http.GetAsync($"/messages/{message.MessageId}/content?userId={message.SenderId}", Token);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("no cipher text", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Moved_to_another_key__still_reads_the_same__a_damaged_one_is_named_and_stops_nobody()
    {
        var messages = Enumerable.Range(0, 3).Select(_ => Some.Message() with { Content = Words, RequiresEncryption = true }).ToList();
        foreach (var message in messages)
        {
            await Service.SendAsync(message);
        }

        var damaged = Some.Message();
        await StoreDamagedAsync(damaged);
        var before = (await Service.StoredAsync(messages[0].MessageId))!.Content;

        var (changed, broken, cursor) = (0, new List<Guid>(), (Guid?)null);
        do
        {
            using var answer = await Service.Http.PostAsJsonAsync("/internal/messages/reencrypt", new { batchSize = 2, cursor }, Token);
            var moved = (await answer.Content.ReadFromJsonAsync<Reencrypted>(Token))!;
            (changed, cursor) = (changed + moved.Changed, moved.NextCursor);
            broken.AddRange(moved.Damaged);
        }
        while (cursor is not null);

        Assert.Equal((3, damaged.MessageId), (changed, Assert.Single(broken)));
        Assert.NotEqual(before, (await Service.StoredAsync(messages[0].MessageId))!.Content);
        var encryptor = Service.Services.GetRequiredService<IMessageEncryptor>();
        foreach (var message in messages)
        {
            Assert.Equal(Words, await encryptor.DecryptAsync(message.MessageId, (await Service.StoredAsync(message.MessageId))!.Content, Token));
        }

        using var wrong = await Service.Http.PostAsJsonAsync("/internal/messages/reencrypt", new { batchSize = 0 }, Token);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    private sealed record Reencrypted(int Changed, List<Guid> Damaged, Guid? NextCursor);

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

        public async Task<string> ReencryptAsync(Guid messageId, string cipherText, CancellationToken cancellationToken) =>
            await EncryptAsync(messageId, await DecryptAsync(messageId, cipherText, cancellationToken), cancellationToken);

        public Task<string> DecryptAsync(Guid messageId, string cipherText, CancellationToken cancellationToken)
        {
            using var aes = new AesGcm(_key, 16);
            var sealedBytes = new byte[cipherText.Length];
            if (!Convert.TryFromBase64String(cipherText, sealedBytes, out var size) || size < 28)
            {
                throw new PermanentJobException("The cipher text is damaged.");
            }

            sealedBytes = sealedBytes[..size];
            var clear = new byte[sealedBytes.Length - 28];
            aes.Decrypt(sealedBytes.AsSpan(0, 12), sealedBytes.AsSpan(28), sealedBytes.AsSpan(12, 16), clear, messageId.ToByteArray());
            return Task.FromResult(Encoding.UTF8.GetString(clear));
        }
    }

    private Task StoreDamagedAsync(SendMessageJob message) => Service.StoreAsync(new Message
    {
        Id = message.MessageId,
        SenderId = message.SenderId,
        RecipientId = message.RecipientId,
        ConversationId = message.ConversationId,
        Content = "no cipher text",
        Encrypted = true,
        MessageType = "text",
        Attachments = [],
        CreatedAt = DeliveryService.Start,
        ReceivedAt = DeliveryService.Start,
    });
}
