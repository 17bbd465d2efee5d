engagement_count = view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count,
trending_score = (view_count + 2 * vote_score + 3 * comment_count + 2 * favorite_count) / {hours}
