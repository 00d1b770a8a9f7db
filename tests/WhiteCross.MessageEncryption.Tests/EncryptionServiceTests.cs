using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using static WhiteCross.MessageEncryption.Tests.EncryptionService;

namespace WhiteCross.MessageEncryption.Tests;

/// <summary>The service as others see it: by jobs, and by service invocation through its sidecar.</summary>
public sealed class EncryptionServiceTests
{
    private const string Words = "The biopsy was benign.";

    [Fact]
    public async Task Job__encrypts_with_the_current_key_and_another_decrypts()
    {
        await using var service = await StartAsync(KeysJson("b", "a", "b"));
        var messageId = Guid.NewGuid();

        var encrypted = await service.RunAsync(new EncryptDecryptJob { MessageId = messageId, Operation = EncryptionOperation.Encrypt, Content = Words });
        Assert.Equal(JobState.Completed, encrypted.State);
        var result = encrypted.Result!.Value.Deserialize<EncryptedContent>(JsonSerializerOptions.Web)!;
        Assert.Equal(("b", messageId), (result.KeyId, result.MessageId));

        var decrypted = await service.RunAsync(new EncryptDecryptJob { MessageId = messageId, Operation = EncryptionOperation.Decrypt, Content = result.CipherText });
        Assert.Equal(JobState.Completed, decrypted.State);
        Assert.DoesNotContain(Words, JsonSerializer.Serialize(decrypted), StringComparison.Ordinal);
        var fetched = await service.Sidecar.GetFromJsonAsync<DecryptedContent>($"internal/decrypted/{decrypted.JobId}", Cancellation);
        Assert.Equal(new DecryptedContent(messageId, "b", Words), fetched);
    }

    [Fact]
    public async Task Decrypted_content__is_gone_after_its_time()
    {
        await using var service = await StartAsync(KeysJson("a", "a"), ("Encryption:KeepDecrypted", "00:00:01"));
        var messageId = Guid.NewGuid();
        var encrypted = await service.EncryptAsync(messageId, Words);

        var job = await service.RunAsync(new EncryptDecryptJob { MessageId = messageId, Operation = EncryptionOperation.Decrypt, Content = encrypted.CipherText });

        await EventuallyAsync(async () =>
        {
            using var answer = await service.Sidecar.GetAsync($"internal/decrypted/{job.JobId}", Cancellation);
            return answer.StatusCode == HttpStatusCode.NotFound ? answer : null;
        });
    }

    [Fact]
    public async Task Key_added__is_taken_up_without_a_restart_and_old_contents_still_open()
    {
        await using var service = await StartAsync(KeysJson("a", "a"), ("Encryption:RefreshInterval", "00:00:01"));
        var messageId = Guid.NewGuid();
        var old = await service.EncryptAsync(messageId, Words);

        service.Secret.Value = KeysJson("b", "a", "b");
        await EventuallyAsync(async () => (await service.EncryptAsync(messageId, Words)).KeyId == "b" ? "" : null);

        using var answer = await service.Sidecar.PostAsJsonAsync("internal/reencrypt", new { messageId, old.CipherText }, Cancellation);
        var moved = (await answer.Content.ReadFromJsonAsync<EncryptedContent>(Cancellation))!;
        Assert.Equal("b", moved.KeyId);
        await OpensAsync(old.CipherText);

        // Its key goes; the other one must open without it.
        service.Secret.Value = KeysJson("b", "b");
        await EventuallyAsync(async () => (await service.Services.GetRequiredService<KeyRingSource>().GetAsync(Cancellation)).Ids.Contains("a") ? null : "");
        await OpensAsync(moved.CipherText);

        async Task OpensAsync(string cipherText)
        {
            using var opened = await service.Sidecar.PostAsJsonAsync("internal/decrypt", new { messageId, cipherText }, Cancellation);
            Assert.Equal(Words, (await opened.Content.ReadFromJsonAsync<DecryptedContent>(Cancellation))!.Content);
        }
    }

    [Fact]
    public async Task Key_of_another_instance__is_looked_for_before_a_content_is_refused()
    {
        await using var service = await StartAsync(KeysJson("a", "a"), ("Encryption:RefreshInterval", "01:00:00"));
        await using var newer = await StartAsync(KeysJson("b", "a", "b"));
        var messageId = Guid.NewGuid();
        var encrypted = await newer.EncryptAsync(messageId, Words);
        service.Secret.Value = KeysJson("b", "a", "b");

        await EventuallyAsync(async () =>
        {
            using var answer = await service.Sidecar.PostAsJsonAsync("internal/decrypt", new { messageId, encrypted.CipherText }, Cancellation);
            return answer.IsSuccessStatusCode ? "" : null; // A second passes between two readings of the keys.
        });
    }

    [Fact]
    public async Task What_cannot_be_decrypted__fails_at_once_and_says_why_without_saying_what()
    {
        await using var service = await StartAsync(KeysJson("a", "a"));
        await using var stranger = await StartAsync(KeysJson("strange", "strange"));
        var messageId = Guid.NewGuid();
        var mine = (await service.EncryptAsync(messageId, Words)).CipherText;
        var foreign = (await stranger.EncryptAsync(messageId, Words)).CipherText;

        foreach (var (id, content, reason) in new[]
        {
            (messageId, "hello", "is not what an encryption returned"),
            (messageId, foreign, "names the key 'strange'"),
            (Guid.NewGuid(), mine, "belongs to another message"),
            (messageId, mine[..^2] + (mine[^2] == 'A' ? 'B' : 'A') + mine[^1], "is damaged"),
        })
        {
            var job = await service.RunAsync(new EncryptDecryptJob { MessageId = id, Operation = EncryptionOperation.Decrypt, Content = content });
            Assert.Equal((JobState.Failed, 1), (job.State, job.AttemptsMade));
            Assert.Contains(reason, job.Error!.Message, StringComparison.Ordinal);
            Assert.StartsWith("content: ", job.Error.Message, StringComparison.Ordinal);

            using var answer = await service.Sidecar.PostAsJsonAsync("internal/decrypt", new { messageId = id, cipherText = content }, Cancellation);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains(reason, await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(service.Logs.All, line => line.Contains(Words, StringComparison.Ordinal) || line.Contains(mine, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Content_too_long_for_a_job_result__is_refused_and_the_longest_is_not()
    {
        await using var service = await StartAsync(KeysJson("a", "a"));

        var longest = await service.RunAsync(new EncryptDecryptJob { MessageId = Guid.NewGuid(), Operation = EncryptionOperation.Encrypt, Content = new string('x', 45 * 1024) });
        var longer = await service.RunAsync(new EncryptDecryptJob { MessageId = Guid.NewGuid(), Operation = EncryptionOperation.Encrypt, Content = new string('x', (45 * 1024) + 1) });

        Assert.Equal("a", SealedContent.KeyIdOf(longest.Result!.Value.GetProperty("cipherText").GetString()!));
        Assert.Equal(JobState.Failed, longer.State);
    }

    [Fact]
    public async Task Without_the_sidecars_token__nobody_gets_in()
    {
        await using var service = await StartAsync(KeysJson("a", "a"));

        foreach (var (method, path) in new[] { (HttpMethod.Post, "encrypt"), (HttpMethod.Post, "decrypt"), (HttpMethod.Post, "reencrypt"), (HttpMethod.Get, "decrypted/x") })
        {
            using var request = new HttpRequestMessage(method, $"/internal/{path}");
            request.Content = method == HttpMethod.Post ? JsonContent.Create(new { messageId = Guid.NewGuid(), content = Words, cipherText = Words }) : null;
            using var answer = await service.Direct.SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData(null, "is empty or not there")]
    [InlineData("no json", "must be a JSON object")]
    [InlineData("""{"current":"a"}""", "must have at least one key")]
    [InlineData("""{"current":"b","keys":{"a":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}""", "under 'current'")]
    [InlineData("""{"current":"a","keys":{"a":"c2hvcnQta2V5LW9mLW1pbmU="}}""", "'a' that is not 32 bytes")]
    [InlineData("""{"current":"a b","keys":{"a b":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}""", "key id")]
    public async Task Keys_that_cannot_be_used__stop_the_service_with_a_reason_that_shows_none(string? keys, string reason)
    {
        await using var service = await StartAsync(keys);
        var lifetime = service.Services.GetRequiredService<IHostApplicationLifetime>();

        await EventuallyAsync(() => Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested ? "" : null));

        Assert.Contains(service.Logs.All, line => line.Contains("MESSAGE_KEYS", StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal));
        Assert.DoesNotContain(service.Logs.All, line => line.Contains("c2hvcnQta2V5LW9mLW1pbmU", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keys_that_turn_unusable__leave_those_at_hand_in_use()
    {
        await using var service = await StartAsync(KeysJson("a", "a"), ("Encryption:RefreshInterval", "00:00:01"));
        await service.EncryptAsync(Guid.NewGuid(), Words);

        service.Secret.Value = "no json";
        await EventuallyAsync(() => Task.FromResult(service.Logs.All.FirstOrDefault(line => line.Contains("stay in use", StringComparison.Ordinal))));

        Assert.Equal("a", (await service.EncryptAsync(Guid.NewGuid(), Words)).KeyId);
    }

    [Theory]
    [InlineData("Encryption:KeepDecrypted", "02:00:00")]
    [InlineData("Encryption:RefreshInterval", "00:00:00")]
    [InlineData("Encryption:Secret", " ")]
    public async Task Wrong_setting__fails_the_start_by_name(string name, string value)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(KeysJson("a", "a"), (name, value)));

        Assert.Contains(name, failure.Message, StringComparison.Ordinal);
    }
}
