using Microsoft.Playwright;

namespace WhiteCross.Dashboard.Tests;

/// <summary>What an operator does with a page.</summary>
internal static class PageExtensions
{
    public static ILocator Button(this IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public static ILocator Link(this IPage page, string name) => page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    public static ILocator Heading(this IPage page, string name) => page.GetByRole(AriaRole.Heading, new() { Name = name });

    public static ILocator Question(this IPage page) => page.GetByRole(AriaRole.Dialog);

    /// <summary>Answers the dialog that asks whether to.</summary>
    public static Task AnswerAsync(this IPage page, string button) => page.Question().GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    /// <summary>Has the dialog judge what was entered, without doing it.</summary>
    public static Task AnswerCheckAsync(this IPage page) => page.AnswerAsync("Check");

    public static Task ShowsAsync(this ILocator locator) => Assertions.Expect(locator.First).ToBeVisibleAsync();

    public static Task IsGoneAsync(this ILocator locator) => Assertions.Expect(locator).ToHaveCountAsync(0);

    /// <summary>What the dashboard said came of an action.</summary>
    public static Task SaysAsync(this IPage page, string text) => page.Locator("#notices").GetByText(text).ShowsAsync();
}
