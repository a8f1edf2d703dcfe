/** The words in `public/`, as tests give them to what is pure. */
import statusAr from '../../public/texts/status/ar.json' with { type: 'json' }
import statusEn from '../../public/texts/status/en.json' with { type: 'json' }
import statusFr from '../../public/texts/status/fr.json' with { type: 'json' }
import whyAr from '../../public/texts/why/ar.json' with { type: 'json' }
import whyEn from '../../public/texts/why/en.json' with { type: 'json' }
import whyFr from '../../public/texts/why/fr.json' with { type: 'json' }

export const STATUS_TEXTS = { ar: statusAr, fr: statusFr, en: statusEn }
export const WHY_TEXTS = { ar: whyAr, fr: whyFr, en: whyEn }
